namespace Starling.Documents.Submission;

/// <summary>A question whose answer's type does not matter to the loop.</summary>
internal abstract class QuestionWork : DocumentWork
{
    public abstract ValueTask RunAsync(ActiveDocument document, CancellationToken cancellationToken);
}
