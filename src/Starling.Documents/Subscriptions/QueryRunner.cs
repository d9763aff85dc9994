using Starling.Documents.Hosting;
using Starling.Documents.Middleware;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;
using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>One query of one client: what it may look for, and how its result is found. Immutable after <see cref="PrepareAsync"/>.</summary>
internal sealed class QueryRunner(
    DocumentEngine engine, AccessControl access, SnapshotGate gate, DocumentSession session, CollectionName name, DocumentQuery query)
{
    private const string Json0 = "http://sharejs.org/types/JSONv0";

    private DocumentQuery _query = query;

    public CollectionName Name => name;

    /// <summary>Whether one document alone tells whether it belongs to the result.</summary>
    public bool IsIndependent => _query.IsIndependent;

    private DocumentsOptions Options => engine.Services.Options;

    /// <summary>Asks the application, which may also narrow the query.</summary>
    /// <exception cref="DocumentException">It is not allowed.</exception>
    public async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        await access.DemandAsync(session, name.Collection, null, AccessKind.Query, cancellationToken);
        if (!Options.Middleware.Query.IsEmpty)
        {
            var context = new QueryContext(session, name.Collection, name.Name, _query);
            await Options.Middleware.Query.RunAsync(context, cancellationToken);
            _query = context.Query;
        }
    }

    /// <summary>Finds the result: newest versions, what the client may not read left out, not prepared for sending yet.</summary>
    /// <exception cref="DocumentException">It is too large.</exception>
    public async ValueTask<List<DocumentSnapshot>> FindAsync(CancellationToken cancellationToken)
    {
        var most = Options.MaxQueryResults;
        var bounded = _query.Limit <= most ? _query : _query with { Limit = most + 1 };
        var found = await engine.Services.Store.QueryAsync(name.Collection, bounded, cancellationToken);
        if (found.Count > most)
        {
            throw new DocumentException(
                DocumentErrors.QueryTooLarge, $"The query finds more than {most} documents; give it a limit");
        }

        var result = new List<DocumentSnapshot>(found.Count);
        foreach (var snapshot in found)
        {
            // Only json0 documents are always stored whole; of others the newest operations may be in the log alone.
            var current = snapshot.Type == Json0 ? snapshot : await engine.FetchAsync(snapshot.Key);
            if (await IsReadableAsync(snapshot.Key.Id, cancellationToken))
            {
                result.Add(current);
            }
        }

        return result;
    }

    /// <summary>The document if it belongs to the result, otherwise null. For queries that are <see cref="IsIndependent"/>.</summary>
    public async ValueTask<DocumentSnapshot?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var snapshot = await engine.FetchAsync(name.Key(id));
        return QueryMatcher.Matches(_query, snapshot) && await IsReadableAsync(id, cancellationToken) ? snapshot : null;
    }

    /// <summary>Prepares snapshots for the client.</summary>
    /// <exception cref="DocumentException">The application refuses one of them.</exception>
    public ValueTask<IReadOnlyList<DocumentSnapshot>> PassAsync(IEnumerable<DocumentSnapshot> snapshots, CancellationToken cancellationToken) =>
        gate.PassAllAsync(session, name, snapshots, cancellationToken);

    private ValueTask<bool> IsReadableAsync(string id, CancellationToken cancellationToken) =>
        access.IsOpen ? ValueTask.FromResult(true) : access.AllowsAsync(session, name.Collection, id, AccessKind.Read, cancellationToken);
}
