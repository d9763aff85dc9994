namespace Starling.Documents.Submission;

/// <summary>Another node's word that it has committed an operation.</summary>
internal sealed class RemoteOperationWork(CommittedOperation operation) : DocumentWork
{
    public CommittedOperation Operation { get; } = operation;

    public override bool NeedsContent => false;

    public override bool NeedsNewest(long version) => false;

    // Nobody waits; the document is read again when somebody needs it.
    public override void Fail(Exception exception)
    {
    }
}
