using System.Text.Json;
using Starling.Messaging.NodeIpc;

namespace Starling.Worker;

/// <summary>A message of another application of the same supervisor.</summary>
/// <param name="From">Name of that application.</param>
/// <param name="Worker">Number of the worker that sent it, as <c>starling list</c> shows it.</param>
/// <param name="Pid">Id of its process.</param>
/// <param name="Body">What was sent.</param>
public sealed record RoutedMessage(string From, int Worker, int Pid, JsonElement Body)
{
    private const string Command = "STARLING_ROUTED";

    /// <summary>Reads a message of the supervisor as one that it passed on; null when it is one of its own.</summary>
    public static RoutedMessage? TryRead(NodeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Body is { ValueKind: JsonValueKind.Object } envelope
            && envelope.TryGetProperty("cmd", out var command) && command.ValueKind == JsonValueKind.String && command.ValueEquals(Command)
            && envelope.TryGetProperty("from", out var from) && from.GetString() is { } name
            && envelope.TryGetProperty("worker", out var worker) && worker.TryGetInt32(out var number)
            && envelope.TryGetProperty("pid", out var pid) && pid.TryGetInt32(out var process)
            && envelope.TryGetProperty("message", out var body)
            ? new RoutedMessage(name, number, process, body)
            : null;
    }
}
