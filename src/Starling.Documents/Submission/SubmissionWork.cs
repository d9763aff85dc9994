namespace Starling.Documents.Submission;

/// <summary>A submission that waits in a document's loop; those that lie beside each other are committed together.</summary>
internal sealed class SubmissionWork(Submission submission) : DocumentWork
{
    public Submission Submission { get; } = submission;

    // One that was made on a version that is known here is safe on what is known here: the store refuses what is too old, and then it is read.
    public override bool NeedsNewest(long version) => !(Submission.Request.BaseVersion <= version);

    public override void Fail(Exception exception)
    {
        Submission.Refuse(exception as DocumentException
            ?? new DocumentException(DocumentErrors.StoreFailed, "The document could not be loaded or stored", exception));
        Submission.Acknowledge();
    }
}
