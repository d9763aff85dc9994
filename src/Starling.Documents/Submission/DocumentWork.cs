namespace Starling.Documents.Submission;

/// <summary>Something that a document's loop does: a submission, or anything else that must see the document between two commits.</summary>
internal abstract class DocumentWork
{
    /// <summary>Whether the document has to be in memory for it.</summary>
    public virtual bool NeedsContent => true;

    /// <summary>Whether what other nodes may have committed since has to be known before it is done.</summary>
    public abstract bool NeedsNewest(long version);

    /// <summary>Tells whoever waits that it cannot be done.</summary>
    public abstract void Fail(Exception exception);
}
