using System.Buffers;
using System.Collections.Concurrent;
using Starling.Documents.Hosting;
using Starling.Documents.Json;
using Starling.Documents.Middleware;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>Fetching and subscribing: the actions f, s, u, bf, bs and bu. One for each client; thread-safe.</summary>
internal sealed class DocumentRequests(ShareDbAgent agent)
{
    private readonly ConcurrentDictionary<(string Name, string Id), DocumentStream> _streams = new();
    private volatile bool _closed;

    private ShareDbServer Server => agent.Server;

    public async ValueTask FetchAsync(ShareDbRequest request)
    {
        var (name, key) = await OpenAsync(request);
        if (request.Version is { } from)
        {
            using var turn = await agent.TakeTurnAsync();
            await CatchUpAsync(name, key, from, null);
            await agent.ReplyAsync(request, default);
            return;
        }

        var held = new List<OperationSubscription>();
        try
        {
            await ReplySnapshotAsync(request, name, maxBytes => FetchInOrderAsync(name, key, held, maxBytes), null);
        }
        finally
        {
            held.ForEach(subscription => subscription.Start());
        }
    }

    public async ValueTask SubscribeAsync(ShareDbRequest request)
    {
        var (name, key) = await OpenAsync(request);
        var stream = Add(name, key);
        try
        {
            if (request.Version is { } from)
            {
                using var turn = await agent.TakeTurnAsync();
                await CatchUpAsync(name, key, from, stream);
                await agent.ReplyAsync(request, new Reply(Sent: stream.Start));
                return;
            }

            await ReplySnapshotAsync(
                request, name, maxBytes => Server.Engine.SubscribeAsync(key, stream.Subscription, maxBytes), stream.Start);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public ValueTask UnsubscribeAsync(ShareDbRequest request)
    {
        Remove(request.Collection, request.Document);
        return agent.ReplyAsync(request, default);
    }

    public async ValueTask FetchBulkAsync(ShareDbRequest request)
    {
        var name = Server.Resolve(request.Collection);
        var items = request.ReadBulk();
        if (JsonSlices.IsList(request["b"u8]))
        {
            var held = new List<OperationSubscription>();
            try
            {
                await ReplySnapshotsAsync(request, name, items.Select(item => item.Id), async key => (await FetchInOrderAsync(name, key, held, long.MaxValue))!, static _ => { });
            }
            finally
            {
                held.ForEach(subscription => subscription.Start());
            }

            return;
        }

        using var turn = await agent.TakeTurnAsync();
        await CatchUpAsync(name, items);
        await agent.ReplyAsync(request, default);
    }

    public async ValueTask SubscribeBulkAsync(ShareDbRequest request)
    {
        var name = Server.Resolve(request.Collection);
        var items = request.ReadBulk();
        var streams = new Dictionary<string, DocumentStream>(StringComparer.Ordinal);
        try
        {
            if (JsonSlices.IsList(request["b"u8]))
            {
                await ReplySnapshotsAsync(
                    request, name, items.Select(item => item.Id),
                    key => Server.Engine.SubscribeAsync(key, (streams[key.Id] = Add(name, key)).Subscription),
                    id => streams[id].Dispose(),
                    () => Start(streams.Values));
                return;
            }

            using var turn = await agent.TakeTurnAsync();
            foreach (var (id, version) in items)
            {
                var key = await DemandAsync(name, id);
                streams[id] = Add(name, key);
                await CatchUpAsync(name, key, version ?? 0, streams[id]);
            }

            await agent.ReplyAsync(request, new Reply(Sent: () => Start(streams.Values)));
        }
        catch
        {
            foreach (var stream in streams.Values)
            {
                stream.Dispose();
            }

            throw;
        }
    }

    public ValueTask UnsubscribeBulkAsync(ShareDbRequest request)
    {
        var collection = request.Collection;
        foreach (var (id, _) in request.ReadBulk())
        {
            Remove(collection, id);
        }

        return agent.ReplyAsync(request, default);
    }

    /// <summary>Which document a request is about, if its client may read it.</summary>
    public async ValueTask<(CollectionName Name, DocumentKey Key)> OpenAsync(ShareDbRequest request)
    {
        var name = Server.Resolve(request.Collection);
        return (name, await DemandAsync(name, request.Document));
    }

    /// <summary>Sends the operations of several documents from given versions on.</summary>
    /// <exception cref="DocumentException">The client may not read one of them.</exception>
    public async ValueTask CatchUpAsync(CollectionName name, IEnumerable<(string Id, long? Version)> items)
    {
        foreach (var (id, version) in items)
        {
            await CatchUpAsync(name, await DemandAsync(name, id), version ?? 0, null);
        }
    }

    /// <summary>The same, without those that the client may not read.</summary>
    public async ValueTask CatchUpReadableAsync(CollectionName name, IEnumerable<(string Id, long? Version)> items)
    {
        foreach (var (id, version) in items)
        {
            if (await Server.Access.AllowsAsync(agent.Session, name.Collection, id, AccessKind.Read, agent.Closed))
            {
                await CatchUpAsync(name, name.Key(id), version ?? 0, null);
            }
        }
    }

    /// <summary>Snapshots of several documents, each of which may be an error, as the value of <c>data</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> FetchMapAsync(
        CollectionName name, IEnumerable<string> ids, Func<DocumentKey, Task<DocumentSnapshot>> fetch, Action<string> refused)
    {
        var snapshots = new List<DocumentSnapshot>();
        var errors = new Dictionary<string, DocumentException>(StringComparer.Ordinal);
        var bytes = 0L;
        foreach (var id in ids)
        {
            try
            {
                var snapshot = await fetch(await DemandAsync(name, id));
                snapshots.Add(snapshot);
                agent.CheckAnswer(bytes += snapshot.Data.Length);
            }
            catch (DocumentException refusal) when (refusal.Code != DocumentErrors.AnswerTooLarge)
            {
                errors[id] = refusal;
            }
        }

        var passed = await Server.Gate.PassEachAsync(agent.Session, name, snapshots, agent.Closed);
        foreach (var (id, rejection) in passed.Rejections ?? new Dictionary<string, DocumentException>())
        {
            errors[id] = rejection;
            refused(id);
        }

        return WriteMap(passed.Snapshots, errors);
    }

    /// <summary>Sends an operation to the client, as it knows the document, by way of the application.</summary>
    public async ValueTask SendAsync(CollectionName name, CommittedOperation operation)
    {
        if (Server.Documents.Middleware.Operation is { IsEmpty: false } stage)
        {
            var shown = name.Projection?.Apply(operation.Operation) ?? operation.Operation;
            await stage.RunAsync(new OperationContext(agent.Session, operation.Key, shown), agent.Closed);
        }

        Send(name, operation);
    }

    /// <summary>Whether the client was sent a version of a document over its subscription.</summary>
    public bool WasSent(CollectionName name, string id, long version) =>
        _streams.TryGetValue((name.Name, id), out var stream) && stream.WasSent(version);

    public void Close()
    {
        _closed = true;
        foreach (var stream in _streams.Values)
        {
            stream.Dispose();
        }
    }

    internal void Send(CollectionName name, CommittedOperation operation)
    {
        // The client's own operations carry the id that it knows itself by; all others get the bytes that everybody gets.
        if (agent.Identity.FindSecret(operation.Operation.Id.Source) is { } secret && secret != operation.Operation.Id.Source)
        {
            var shown = name.Projection?.Apply(operation.Operation) ?? operation.Operation;
            agent.Send(OperationMessage.Encode(name.Name, operation.Key.Id, shown with { Id = shown.Id with { Source = secret } }));
            return;
        }

        agent.Send(operation.GetMessage(name.Projection));
    }

    private static void Start(IEnumerable<DocumentStream> streams)
    {
        foreach (var stream in streams)
        {
            stream.Start();
        }
    }

    private static ReadOnlyMemory<byte> WriteMap(IReadOnlyList<DocumentSnapshot> snapshots, Dictionary<string, DocumentException> errors)
    {
        var output = new ArrayBufferWriter<byte>();
        var separator = "{"u8;
        foreach (var snapshot in snapshots.Where(snapshot => !errors.ContainsKey(snapshot.Key.Id)))
        {
            output.Raw(separator);
            separator = ","u8;
            output.Text(snapshot.Key.Id);
            output.Raw(":{"u8);
            MessageWriter.WriteSnapshot(output, snapshot);
            output.Raw("}"u8);
        }

        foreach (var (id, error) in errors)
        {
            output.Raw(separator);
            separator = ","u8;
            output.Text(id);
            output.Raw(":{\"error\":"u8);
            MessageWriter.WriteError(output, error.Code, error.Message);
            output.Raw("}"u8);
        }

        output.Raw(separator[0] == '{' ? "{}"u8 : "}"u8);
        return output.WrittenMemory;
    }

    private async ValueTask<DocumentKey> DemandAsync(CollectionName name, string id)
    {
        if (!Server.Access.IsOpen)
        {
            await Server.Access.DemandAsync(agent.Session, name.Collection, id, AccessKind.Read, agent.Closed);
        }

        return name.Key(id);
    }

    // A client that is subscribed gets the snapshot before the operations that follow it, since it may go back to the snapshot's version.
    // Null where the document has more bytes than given.
    private Task<DocumentSnapshot?> FetchInOrderAsync(CollectionName name, DocumentKey key, List<OperationSubscription> held, long maxBytes)
    {
        _streams.TryGetValue((name.Name, key.Id), out var stream);
        return Server.Engine.AskAsync(key, (document, _) =>
        {
            if (document.State.Size > maxBytes)
            {
                return default;
            }

            if (stream is not null)
            {
                stream.Subscription.Hold();
                held.Add(stream.Subscription);
            }

            return new ValueTask<DocumentSnapshot?>(document.State.ToSnapshot());
        });
    }

    private DocumentStream Add(CollectionName name, DocumentKey key)
    {
        var path = (name.Name, key.Id);
        if (_streams.Count >= Server.Options.MaxSubscriptions && !_streams.ContainsKey(path))
        {
            throw new DocumentException(
                DocumentErrors.TooManySubscriptions, $"A connection may be subscribed to {Server.Options.MaxSubscriptions} documents");
        }

        var stream = new DocumentStream(agent, this, name, key);
        stream.Subscription.OnEnd(() => _streams.TryRemove(new(path, stream)));
        _streams.AddOrUpdate(
            path,
            stream,
            (_, previous) =>
            {
                previous.Dispose();
                return stream;
            });
        if (_closed)
        {
            stream.Dispose();
        }

        return stream;
    }

    private void Remove(string name, string id)
    {
        if (_streams.TryRemove((name, id), out var stream))
        {
            stream.Dispose();
        }
    }

    /// <summary>Sends all operations from a version on; the last of them, and the stream's beginning, are found between two commits.</summary>
    private async ValueTask CatchUpAsync(CollectionName name, DocumentKey key, long from, DocumentStream? stream)
    {
        // What is far behind is read from the store in pieces, so that a client that was away for long does not fill memory.
        var store = Server.Engine.Services.Store;
        while (await LogPieces.ReadAsync(store, key, from, long.MaxValue, agent.Closed) is { Count: > 0 } piece
            && piece[0].Version == from && LogPieces.IsFull(piece))
        {
            foreach (var operation in piece)
            {
                await SendAsync(name, new CommittedOperation(key, operation, null, key.Collection));
            }

            from += piece.Count;
            await agent.WaitForRoomAsync();
        }

        foreach (var operation in await Server.Engine.SubscribeAsync(key, from, stream?.Subscription))
        {
            await SendAsync(name, operation);
        }
    }

    // A large document is fetched when no other is sent to the client, so that a client cannot make the server hold several.
    private async ValueTask ReplySnapshotAsync(
        ShareDbRequest request, CollectionName name, Func<long, Task<DocumentSnapshot?>> fetch, Action? sent)
    {
        var small = await fetch(ShareDbAgent.LargeAnswer);
        using var turn = small is null ? await agent.TakeTurnAsync() : default;
        var snapshot = small ?? (await fetch(long.MaxValue))!;
        var passed = await Server.Gate.PassAsync(agent.Session, name, SnapshotReadKind.Current, snapshot, agent.Closed);
        agent.CheckAnswer(passed.Data.Length);
        var output = new ArrayBufferWriter<byte>(passed.Data.Length + 64);
        output.Raw(",\"data\":{"u8);
        MessageWriter.WriteSnapshot(output, passed);
        output.Raw("}"u8);
        await agent.ReplyAsync(request, new Reply(output.WrittenMemory, HasData: true, sent));
    }

    private async ValueTask ReplySnapshotsAsync(
        ShareDbRequest request, CollectionName name, IEnumerable<string> ids, Func<DocumentKey, Task<DocumentSnapshot>> fetch,
        Action<string> refused, Action? sent = null)
    {
        using var turn = await agent.TakeTurnAsync();
        var map = await FetchMapAsync(name, ids, fetch, refused);
        var output = new ArrayBufferWriter<byte>(map.Length + 16);
        output.Raw(",\"data\":"u8);
        output.Raw(map.Span);
        await agent.ReplyAsync(request, new Reply(output.WrittenMemory, HasData: true, sent));
    }
}
