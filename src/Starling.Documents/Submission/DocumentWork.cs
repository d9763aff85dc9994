namespace Starling.Documents.Submission;

/// <summary>Something that a document's loop does: a submission, or anything else that must see the document between two commits.</summary>
internal abstract class DocumentWork
{
    /// <summary>Tells whoever waits that it cannot be done.</summary>
    public abstract void Fail(Exception exception);
}
