using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.History;

/// <summary>The past of documents, for the server's own code.</summary>
internal sealed class DocumentHistory(DocumentEngine engine, HistoryReader reader) : IDocumentHistory
{
    public async Task<DocumentSnapshot> AtVersionAsync(DocumentKey key, long version, CancellationToken cancellationToken = default) =>
        (await reader.AtVersionAsync(key, version, cancellationToken)).ToSnapshot();

    public async Task<DocumentSnapshot> AtTimeAsync(DocumentKey key, DateTimeOffset time, CancellationToken cancellationToken = default) =>
        (await reader.AtTimeAsync(key, time.ToUnixTimeMilliseconds(), cancellationToken)).ToSnapshot();

    public Task<IReadOnlyList<DocumentOperation>> OperationsAsync(
        DocumentKey key, long from, long to, CancellationToken cancellationToken = default) =>
        reader.OperationsAsync(key, from, to, cancellationToken);

    public Task<IReadOnlyList<Milestone>> MilestonesAsync(DocumentKey key, CancellationToken cancellationToken = default) =>
        engine.Services.Store.ListMilestonesAsync(key, cancellationToken).AsTask();

    public async Task NameVersionAsync(DocumentKey key, long version, string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var snapshot = (await reader.AtVersionAsync(key, version, cancellationToken)).ToSnapshot();
        while (!await TryNameAsync(key, new MilestoneSnapshot(snapshot, name)).WaitAsync(cancellationToken))
        {
            // Another node has committed just now; this one takes that over and tries again.
        }
    }

    public Task<long> CompactAsync(DocumentKey key, CancellationToken cancellationToken = default) =>
        engine.AskAsync(key, (document, token) => Compaction.RunAsync(document, engine.Services, token)).WaitAsync(cancellationToken);

    private Task<bool> TryNameAsync(DocumentKey key, MilestoneSnapshot milestone) =>
        engine.AskAsync(key, async (document, token) =>
        {
            var commit = new DocumentCommit { Key = key, ExpectedVersion = document.State.Version, Milestones = [milestone] };
            var done = await document.Store.CommitAsync(commit, token) == CommitResult.Committed;
            if (!done)
            {
                document.MarkStale();
            }

            return done;
        });
}
