using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Routing;

/// <summary>
/// Passes messages between applications. A process sends <c>{"cmd":"STARLING_ROUTE","to":"NAME","message":…}</c> on its channel; every process of that
/// application that runs gets <c>{"cmd":"STARLING_ROUTED","from":"NAME","worker":3,"pid":4711,"message":…}</c>, whose sender is what the supervisor
/// knows, not what the sender says. Messages of one sender come in order, at most once: there is no answer when nobody runs, and a process
/// that does not keep up loses the oldest (<see cref="RouteQueue"/>). No sender ever waits for a receiver.
/// </summary>
/// <remarks>Owned by the supervisor; safe for use by several threads.</remarks>
internal sealed class MessageRouter(GroupTable groups, ILogger log)
{

    /// <summary>Wrong names that are remembered, so that each is logged once; a sender that makes names up cannot fill the memory.</summary>
    private const int MaxUnknown = 100;

    private static ReadOnlySpan<byte> Request => "STARLING_ROUTE"u8;

    private readonly HashSet<(string From, string To)> _unknown = [];

    /// <summary>Passes a message on when it is meant for another application.</summary>
    /// <returns>Whether it was; otherwise it is for the supervisor.</returns>
    public bool TryRoute(Worker sender, int pid, JsonElement message)
    {
        if (!IsRequest(message))
        {
            return false;
        }

        var from = sender.Group.Config.Name;
        if (NodeJson.Text(message, "to") is not { } name || !NodeJson.TryGet(message, "message", out var body))
        {
            OnUnknown(from, "");
            return true;
        }

        if (groups.TryFind(name) is not { } receiver)
        {
            OnUnknown(from, name);
            return true;
        }

        byte[]? line = null;
        foreach (var worker in receiver.Workers)
        {
            if (worker.Process is { Ended.IsCompleted: false } process)
            {
                process.Route(line ??= Envelope(from, sender.Id, pid, body));
            }
        }

        return true;
    }

    private static bool IsRequest(JsonElement message) =>
        NodeJson.TryGet(message, "cmd", out var command) && NodeJson.IsText(command, Request);

    private static byte[] Envelope(string from, int worker, int pid, JsonElement body)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cmd", "STARLING_ROUTED");
            writer.WriteString("from", from);
            writer.WriteNumber("worker", worker);
            writer.WriteNumber("pid", pid);
            writer.WritePropertyName("message");
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(body), skipInputValidation: true);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void OnUnknown(string from, string to)
    {
        lock (_unknown)
        {
            if (_unknown.Count >= MaxUnknown || !_unknown.Add((from, to)))
            {
                return;
            }
        }

        log.RouteUnknown(from, to);
    }
}
