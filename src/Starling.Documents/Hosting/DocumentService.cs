using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Starling.Documents.History;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.Hosting;

/// <summary>Documents for the server's own code.</summary>
internal sealed class DocumentService(
    DocumentEngine engine, Undoing undoing, AccessControl access, SnapshotGate gate, IServiceProvider services) : IDocumentService
{
    private readonly string _source = "server-" + Guid.NewGuid().ToString("N");
    private long _sequence;

    public Task<DocumentSnapshot> FetchAsync(DocumentKey key, CancellationToken cancellationToken = default) =>
        engine.FetchAsync(key).WaitAsync(cancellationToken);

    public async Task<DocumentOperation> SubmitAsync(DocumentKey key, DocumentChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var request = new SubmissionRequest
        {
            Session = Session(change.Author),
            Key = key,
            Id = change.Id ?? new OperationId(_source, Interlocked.Increment(ref _sequence)),
            MayBeResent = change.Id is not null,
            BaseVersion = change.BaseVersion,
            Kind = change.Kind,
            Type = change.Type,
            Data = change.Data,
            Intent = change.Intent,
        };
        return (await engine.SubmitAsync(request).WaitAsync(cancellationToken)).Operation;
    }

    public async IAsyncEnumerable<DocumentOperation> SubscribeAsync(
        DocumentKey key, long? fromVersion = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The subscription only says that there is something; what it is, is read from the log, so that nothing piles up.
        var news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = new OperationSubscription(_ => news.Writer.TryWrite(true));
        var snapshot = await engine.SubscribeAsync(key, subscription).WaitAsync(cancellationToken);
        subscription.Start();
        var next = fromVersion ?? snapshot.Version;
        while (true)
        {
            var operations = await engine.ReadOperationsAsync(key, next).WaitAsync(cancellationToken);
            foreach (var operation in operations)
            {
                yield return operation.Operation;
                next = operation.Version + 1;
            }

            if (operations.Count == 0)
            {
                await news.Reader.ReadAsync(cancellationToken);
            }
        }
    }

    public async Task<IReadOnlyList<DocumentSnapshot>> QueryAsync(
        string collection, DocumentQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        ArgumentNullException.ThrowIfNull(query);
        return await new QueryRunner(engine, access, gate, Session(null), new CollectionName(collection, null), query)
            .FindAsync(cancellationToken);
    }

    public Task<DocumentOperation?> UndoAsync(DocumentKey key, string author, CancellationToken cancellationToken = default) =>
        TakeBackAsync(key, author, OperationIntent.Undo, cancellationToken);

    public Task<DocumentOperation?> RedoAsync(DocumentKey key, string author, CancellationToken cancellationToken = default) =>
        TakeBackAsync(key, author, OperationIntent.Redo, cancellationToken);

    private async Task<DocumentOperation?> TakeBackAsync(
        DocumentKey key, string author, OperationIntent intent, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(author);
        return await undoing.FindAsync(key, author, intent, cancellationToken) is { } change
            ? await SubmitAsync(key, change, cancellationToken)
            : null;
    }

    private DocumentSession Session(string? author) => new(_source, null, services) { ActingFor = author };
}
