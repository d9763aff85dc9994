namespace Starling.Documents.Submission;

/// <summary>Another process may have committed operations: the document's subscribers are told of those that there are.</summary>
internal sealed class NewsWork : DocumentWork
{
    public static NewsWork Instance { get; } = new();

    public override bool NeedsContent => false;

    public override bool NeedsNewest(long version) => true;

    // The document is marked as stale and is read again when it is used.
    public override void Fail(Exception exception)
    {
    }
}
