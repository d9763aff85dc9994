using System.Buffers;
using Starling.Documents.Json;
using Starling.Documents.Middleware;
using Starling.Documents.Storage;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>The past: the actions nf and nt. One for each client; thread-safe.</summary>
internal sealed class HistoryRequests(ShareDbAgent agent, DocumentRequests documents)
{
    private ShareDbServer Server => agent.Server;

    public async ValueTask FetchVersionAsync(ShareDbRequest request)
    {
        var (name, key) = await documents.OpenAsync(request);
        using var turn = await agent.TakeTurnAsync();
        var snapshot = request.Version is { } version
            ? (await Server.History.AtVersionAsync(key, version, agent.Closed)).ToSnapshot()
            : await Server.Engine.FetchAsync(key);
        await ReplyPastAsync(request, name, SnapshotReadKind.ByVersion, snapshot);
    }

    public async ValueTask FetchTimeAsync(ShareDbRequest request)
    {
        var (name, key) = await documents.OpenAsync(request);
        using var turn = await agent.TakeTurnAsync();
        var current = await Server.Engine.FetchAsync(key);
        var snapshot = JsonSlices.GetInteger(request["ts"u8]) is { } time && time <= current.ModifiedTime
            ? (await Server.History.AtTimeAsync(key, time, agent.Closed)).ToSnapshot()
            : current;
        await ReplyPastAsync(request, name, SnapshotReadKind.ByTime, snapshot);
    }

    private async ValueTask ReplyPastAsync(ShareDbRequest request, CollectionName name, SnapshotReadKind kind, DocumentSnapshot snapshot)
    {
        var passed = await Server.Gate.PassAsync(agent.Session, name, kind, snapshot, agent.Closed);
        agent.CheckAnswer(passed.Data.Length);
        var output = new ArrayBufferWriter<byte>(passed.Data.Length + 96);
        output.Raw(",\"v\":"u8);
        output.Number(passed.Version);
        MessageWriter.WriteType(output, passed.Type);
        if (!passed.Data.IsEmpty)
        {
            output.Raw(",\"data\":"u8);
            output.Raw(passed.Data.Span);
        }

        output.Raw(",\"m\":null"u8);
        await agent.ReplyAsync(request, new Reply(output.WrittenMemory, HasData: true));
    }
}
