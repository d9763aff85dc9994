using System.Buffers;
using System.Collections.Concurrent;
using Starling.Documents.Json;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>Searching: the actions qf, qs and qu. One for each client; thread-safe.</summary>
internal sealed class QueryRequests(ShareDbAgent agent, DocumentRequests documents)
{
    // By the text of the number that the client gave the query.
    private readonly ConcurrentDictionary<string, LiveQuery> _queries = new(StringComparer.Ordinal);
    private volatile bool _closed;

    // A query that is subscribed to is kept as long as the connection.
    private const int MaxQueryTextBytes = 16 * 1024;

    private ShareDbServer Server => agent.Server;

    public async ValueTask FetchAsync(ShareDbRequest request)
    {
        var runner = await PrepareAsync(request);
        using var turn = await agent.TakeTurnAsync();
        await ReplyResultAsync(request, runner, await runner.FindAsync(agent.Closed), null);
    }

    public async ValueTask SubscribeAsync(ShareDbRequest request)
    {
        var runner = await PrepareAsync(request);
        var client = new LiveQueryClient(agent, documents, runner.Name, request["id"u8]);
        var query = new LiveQuery(runner, client, Server.Time, Server.Documents.QueryInterval, agent.Backlog);
        try
        {
            using var turn = await agent.TakeTurnAsync();
            await query.ListenAsync(Server.Engine.Services.Feeds, agent.Closed);
            Add(request, query);
            if (request.Has("r"u8))
            {
                await ResumeAsync(request, runner, query);
                return;
            }

            var found = await runner.FindAsync(agent.Closed);
            await ReplyResultAsync(request, runner, found, () => query.Start(found.Select(snapshot => snapshot.Key.Id)));
        }
        catch
        {
            query.Dispose();
            _queries.TryRemove(new(Id(request), query));
            throw;
        }
    }

    public ValueTask UnsubscribeAsync(ShareDbRequest request)
    {
        if (_queries.TryRemove(Id(request), out var query))
        {
            query.Dispose();
        }

        return agent.ReplyAsync(request, default);
    }

    public void Close()
    {
        _closed = true;
        foreach (var query in _queries.Values)
        {
            query.Dispose();
        }
    }

    private static string Id(ShareDbRequest request) => System.Text.Encoding.UTF8.GetString(request["id"u8].Span);

    private void Add(ShareDbRequest request, LiveQuery query)
    {
        if (_queries.Count >= Server.Options.MaxQueries && !_queries.ContainsKey(Id(request)))
        {
            throw new DocumentException(
                DocumentErrors.TooManySubscriptions, $"A connection may have {Server.Options.MaxQueries} live queries");
        }

        _queries.AddOrUpdate(
            Id(request),
            query,
            (_, previous) =>
            {
                previous.Dispose();
                return query;
            });
        if (_closed)
        {
            query.Dispose();
        }
    }

    private async ValueTask<QueryRunner> PrepareAsync(ShareDbRequest request)
    {
        if (JsonSlices.IsObject(request["o"u8]))
        {
            JsonSlices.ReadObject(request["o"u8], (option, value) =>
            {
                if (option == "db" && !JsonSlices.IsNull(value))
                {
                    throw new DocumentException(DocumentErrors.DatabaseNotFound, "DB not found");
                }
            });
        }

        var runner = new QueryRunner(
            Server.Engine, Server.Access, Server.Gate, agent.Session, Server.Resolve(request.Collection), Parse(request["q"u8]));
        await runner.PrepareAsync(agent.Closed);
        return runner;
    }

    private DocumentQuery Parse(ReadOnlyMemory<byte> text)
    {
        var most = Server.Documents.MaxQueryConditions;
        if (text.Length > MaxQueryTextBytes)
        {
            throw new DocumentException(DocumentErrors.QueryTooLarge, $"The query has {text.Length} bytes; {MaxQueryTextBytes} are allowed");
        }

        var query = QueryParser.Parse(text);
        return query.Conditions.Count + query.Sort.Count <= most ? query : throw new DocumentException(
            DocumentErrors.QueryTooLarge, $"The query has {query.Conditions.Count + query.Sort.Count} conditions and fields to sort by; {most} are allowed");
    }

    private async ValueTask ReplyResultAsync(ShareDbRequest request, QueryRunner runner, List<DocumentSnapshot> found, Action? sent)
    {
        var passed = await runner.PassAsync(found, agent.Closed);
        var output = new ArrayBufferWriter<byte>();
        output.Raw(",\"data\":"u8);
        MessageWriter.WriteResults(output, passed);
        await agent.ReplyAsync(request, new Reply(output.WrittenMemory, HasData: true, sent));
    }

    /// <summary>The client knows a result from an earlier connection: it gets what it lacks of that, and then the differences.</summary>
    private async ValueTask ResumeAsync(ShareDbRequest request, QueryRunner runner, LiveQuery query)
    {
        var known = request.ReadResults();
        var unknown = known.Where(item => item.Version is null).Select(item => item.Id).ToList();
        var output = new ArrayBufferWriter<byte>();
        if (unknown.Count > 0)
        {
            var map = await documents.FetchMapAsync(runner.Name, unknown, key => Server.Engine.FetchAsync(key), static _ => { });
            output.Raw(",\"data\":"u8);
            output.Raw(map.Span);
        }

        await documents.CatchUpReadableAsync(runner.Name, known.Where(item => item.Version is not null));
        await query.StartAsync(known.Select(item => item.Id));
        await agent.ReplyAsync(request, new Reply(output.WrittenMemory, HasData: unknown.Count > 0));
    }
}
