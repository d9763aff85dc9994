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

    // Of a query whose client may not read everything.
    private const int MaxMatches = 100_000;

    private DocumentQuery _query = query;

    public CollectionName Name => name;

    /// <summary>Whether one document alone tells whether it belongs to the result.</summary>
    public bool IsIndependent => _query.IsIndependent;

    private DocumentsOptions Options => engine.Services.Options;

    /// <summary>Asks the application, which may also narrow the query.</summary>
    /// <exception cref="DocumentException">It is not allowed, or asks for fields that the projection does not show.</exception>
    public async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        await access.DemandAsync(session, name.Collection, null, AccessKind.Query, cancellationToken);
        if (!access.IsOpenTo(session))
        {
            CheckProjection();
        }

        if (!Options.Middleware.Query.IsEmpty)
        {
            var context = new QueryContext(session, name.Collection, name.Name, _query);
            await Options.Middleware.Query.RunAsync(context, cancellationToken);
            _query = context.Query;
        }
    }

    /// <summary>Finds the result: newest versions, as if what the client may not read were not there; not prepared for sending yet.</summary>
    /// <exception cref="DocumentException">It is too large.</exception>
    public ValueTask<List<DocumentSnapshot>> FindAsync(CancellationToken cancellationToken) =>
        access.IsOpenTo(session) ? FindAllAsync(cancellationToken) : FindReadableAsync(cancellationToken);

    /// <summary>Whether the client may read a document of the collection.</summary>
    public ValueTask<bool> IsReadableAsync(string id, CancellationToken cancellationToken) =>
        access.IsOpenTo(session) ? ValueTask.FromResult(true) : access.AllowsAsync(session, name.Collection, id, AccessKind.Read, cancellationToken);

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

    // A condition on a field that is not shown would tell what is in it.
    private void CheckProjection()
    {
        var hidden = name.Projection is null ? null
            : _query.Conditions.Select(condition => condition.Field[0]).Concat(_query.Sort.Select(sort => sort.Field[0]))
                .FirstOrDefault(field => !name.Projection.Fields.Contains(field));
        if (hidden is not null)
        {
            throw new DocumentException(DocumentErrors.NotAllowedInProjection, $"The projection {name.Name} does not show the field '{hidden}'");
        }
    }

    private async ValueTask<List<DocumentSnapshot>> FindAllAsync(CancellationToken cancellationToken)
    {
        var most = Options.MaxQueryResults;
        var bounded = _query with { Limit = Math.Min(_query.Limit ?? int.MaxValue, most + 1), MaxBytes = Options.MaxQueryBytes };
        var found = await engine.Services.Store.QueryAsync(name.Collection, bounded, cancellationToken);
        var result = new List<DocumentSnapshot>(found.Count);
        var bytes = 0L;
        foreach (var snapshot in found)
        {
            // Only json0 documents are always stored whole; of others the newest operations may be in the log alone.
            result.Add(snapshot.Type == Json0 ? snapshot : await engine.FetchAsync(snapshot.Key));
            Check(result, ref bytes);
        }

        return result;
    }

    // The store knows nothing of who may read what, so all that match are gone through by their names, and then counted.
    private async ValueTask<List<DocumentSnapshot>> FindReadableAsync(CancellationToken cancellationToken)
    {
        var every = _query with { Skip = 0, Limit = MaxMatches + 1, WithoutData = true };
        var matching = await engine.Services.Store.QueryAsync(name.Collection, every, cancellationToken);
        if (matching.Count > MaxMatches)
        {
            throw new DocumentException(DocumentErrors.QueryTooLarge, $"More than {MaxMatches} documents match; narrow the query");
        }

        var (skip, limit) = (_query.Skip, Math.Min(_query.Limit ?? int.MaxValue, Options.MaxQueryResults + 1));
        var result = new List<DocumentSnapshot>();
        var bytes = 0L;
        foreach (var match in matching)
        {
            if (result.Count == limit)
            {
                break;
            }

            if (await IsReadableAsync(match.Key.Id, cancellationToken) && --skip < 0)
            {
                result.Add(match.Type == Json0
                    ? await engine.Services.Store.ReadSnapshotAsync(match.Key, SnapshotPoint.Latest, cancellationToken)
                    : await engine.FetchAsync(match.Key));
                Check(result, ref bytes);
            }
        }

        // What was deleted or changed meanwhile is not sent as if it had not been; a live query hears of the change.
        result.RemoveAll(snapshot => !QueryMatcher.Matches(_query, snapshot));
        return result;
    }

    private void Check(List<DocumentSnapshot> result, ref long bytes)
    {
        if (result.Count > Options.MaxQueryResults)
        {
            throw new DocumentException(
                DocumentErrors.QueryTooLarge, $"The query finds more than {Options.MaxQueryResults} documents; give it a limit");
        }

        bytes += result[^1].Data.Length;
        if (result.Count > 1 && bytes > Options.MaxQueryBytes)
        {
            throw new DocumentException(
                DocumentErrors.QueryTooLarge, $"The query finds more than {Options.MaxQueryBytes} bytes; give it a lower limit");
        }
    }
}
