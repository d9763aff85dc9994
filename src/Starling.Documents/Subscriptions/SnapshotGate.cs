using Starling.Documents.Hosting;
using Starling.Documents.Middleware;
using Starling.Documents.Storage;

namespace Starling.Documents.Subscriptions;

/// <summary>What every snapshot passes on its way to a client: the projection, and the application's <c>ReadSnapshots</c> stage.</summary>
internal sealed class SnapshotGate(DocumentsOptions options)
{
    /// <summary>Prepares one snapshot.</summary>
    /// <exception cref="DocumentException">The client may not have it.</exception>
    public async ValueTask<DocumentSnapshot> PassAsync(
        DocumentSession session, CollectionName name, SnapshotReadKind kind, DocumentSnapshot snapshot, CancellationToken cancellationToken)
    {
        var passed = await RunAsync(session, name, kind, [snapshot], cancellationToken);
        return passed.Rejections?.GetValueOrDefault(snapshot.Key.Id) is { } rejection
            ? throw new DocumentException(rejection.Code, rejection.Message, rejection)
            : passed.Snapshots[0];
    }

    /// <summary>Prepares several snapshots, of which some may come back as errors.</summary>
    public async ValueTask<(IReadOnlyList<DocumentSnapshot> Snapshots, IReadOnlyDictionary<string, DocumentException>? Rejections)> PassEachAsync(
        DocumentSession session, CollectionName name, IEnumerable<DocumentSnapshot> snapshots, CancellationToken cancellationToken)
    {
        var passed = await RunAsync(session, name, SnapshotReadKind.Current, [.. snapshots], cancellationToken);
        return (passed.Snapshots, passed.Rejections);
    }

    /// <summary>Prepares the result of a query.</summary>
    /// <exception cref="DocumentException">The client may not have one of them.</exception>
    public async ValueTask<IReadOnlyList<DocumentSnapshot>> PassAllAsync(
        DocumentSession session, CollectionName name, IEnumerable<DocumentSnapshot> snapshots, CancellationToken cancellationToken)
    {
        var passed = await RunAsync(session, name, SnapshotReadKind.Current, [.. snapshots], cancellationToken);
        if (passed.Rejections is not { } rejections)
        {
            return passed.Snapshots;
        }

        throw passed.Snapshots.Count == 1
            ? rejections.Values.First()
            : new DocumentException(DocumentErrors.SnapshotReadsRejected, "Some of the documents may not be read");
    }

    private async ValueTask<ReadSnapshotsContext> RunAsync(
        DocumentSession session, CollectionName name, SnapshotReadKind kind, List<DocumentSnapshot> snapshots,
        CancellationToken cancellationToken)
    {
        if (name.Projection is { } projection)
        {
            snapshots = snapshots.ConvertAll(projection.Apply);
        }

        var context = new ReadSnapshotsContext(session, name.Collection, kind, snapshots);
        if (!options.Middleware.ReadSnapshots.IsEmpty && snapshots.Count > 0)
        {
            await options.Middleware.ReadSnapshots.RunAsync(context, cancellationToken);
        }

        return context;
    }
}
