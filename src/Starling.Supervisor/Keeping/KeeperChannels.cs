using System.Runtime.InteropServices;
using System.Text.Json;
using Starling.Messaging.NodeIpc;

namespace Starling.Supervisor.Keeping;

/// <summary>Writes and reads what goes between keeper and daemon.</summary>
internal static class KeeperChannels
{
    public static Task SendAsync(this NodeChannel channel, KeeperMessage message) =>
        channel.SendUtf8Async(JsonSerializer.SerializeToUtf8Bytes(message, KeeperJson.Default.KeeperMessage));

    public static Task SendAsync(this NodeChannel channel, KeeperMessage message, SafeHandle handle) =>
        channel.SendAsync(JsonSerializer.SerializeToElement(message, KeeperJson.Default.KeeperMessage), NodeHandleKind.Native, handle);

    public static KeeperMessage Deserialize(this JsonElement body) => body.Deserialize(KeeperJson.Default.KeeperMessage)!;
}
