using System.Text.Json;

namespace Starling.Messaging.NodeIpc;

/// <summary>Limits of a channel.</summary>
public sealed class NodeChannelOptions
{
    /// <summary>The longest message in bytes, sent or received (16 MiB). A longer one is not sent; received, it is dropped where <see cref="Dropped"/> is set, and else ends the channel.</summary>
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many bytes may wait to be sent (4 MiB); further senders wait. One message may always wait, whatever its size.</summary>
    public int MaxQueuedBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many received messages may wait to be read (1,024); then nothing is received, and the peer has to wait.</summary>
    public int MaxQueuedMessages { get; set; } = 1024;

    /// <summary>How values of .NET types are written and read. Trimmed programs give it a source-generated context as its resolver.</summary>
    public JsonSerializerOptions Serializer { get; set; } = new(JsonSerializerDefaults.Web);

    /// <summary>
    /// Gets the reason when a received message is dropped because it is too long, is not JSON, or cannot be handled; the channel goes on. Null: such a message ends
    /// the channel, and <see cref="NodeChannel.Error"/> says why. Called by the loop that receives; must neither wait nor throw.
    /// </summary>
    public Action<NodeChannelException>? Dropped { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxMessageBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxQueuedBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxQueuedMessages);
        ArgumentNullException.ThrowIfNull(Serializer);
    }
}
