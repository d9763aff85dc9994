using System.Buffers;
using System.Text.Json;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// Lets a process of Node's cluster finish its connections before it is told to stop by a signal that would cut them. The other half is <c>drain.cjs</c>, which Node
/// loads before the script. A script that handles the signal itself gets it at once, with its channel open. Owned by the process.
/// </summary>
internal sealed class NodeDrain(TimeProvider time)
{
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<bool> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes an answer of <c>drain.cjs</c>; false if the message is none.</summary>
    public bool TryTake(JsonElement message)
    {
        if (!NodeJson.TryGet(message, "type", out var type) || !NodeJson.IsText(type, "starling:drain"u8))
        {
            return false;
        }

        switch (NodeJson.Text(message, "state"))
        {
            case "handled":
                _answered.TrySetResult(false);
                break;
            case "draining":
                _answered.TrySetResult(true);
                break;
            default:
                _drained.TrySetResult();
                break;
        }

        return true;
    }

    /// <summary>Asks the process to finish its connections, and waits until it has, within the time that it has to stop.</summary>
    public async Task RunAsync(NodeChannel channel, AppConfig config, Task exited)
    {
        var start = time.GetTimestamp();
        await channel.SendUtf8Async(Request(config));
        if (await TreeEnd.EndsWithinAsync(Task.WhenAny(_answered.Task, exited), config.KillTimeout, time) && !exited.IsCompleted && await _answered.Task)
        {
            var left = config.KillTimeout - time.GetElapsedTime(start);
            await TreeEnd.EndsWithinAsync(Task.WhenAny(_drained.Task, exited), left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        }
    }

    private static byte[] Request(AppConfig config)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cmd", "NODE_STARLING_DRAIN");
            writer.WriteString("signal", config.KillSignal);

            // Idle connections get half of the time to bring one more request, whose answer says that they close.
            var idle = config.KillTimeout / 2;
            writer.WriteNumber("idle", (long)(idle < LongestIdle ? idle : LongestIdle).TotalMilliseconds);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
