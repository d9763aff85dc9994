namespace Starling.Documents.Submission;

/// <summary>A question to a document that is answered between two commits.</summary>
internal sealed class Question<T>(Func<ActiveDocument, CancellationToken, ValueTask<T>> ask) : QuestionWork
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override bool NeedsNewest(long version) => true;

    public override async ValueTask RunAsync(ActiveDocument document, CancellationToken cancellationToken)
    {
        try
        {
            _answer.SetResult(await ask(document, cancellationToken));
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    public override void Fail(Exception exception) => _answer.TrySetException(exception as DocumentException
        ?? new DocumentException(DocumentErrors.StoreFailed, "The document could not be loaded", exception));
}
