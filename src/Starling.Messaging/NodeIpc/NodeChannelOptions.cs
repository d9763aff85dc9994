using System.Text.Json;

namespace Starling.Messaging.NodeIpc;

/// <summary>Limits of a channel.</summary>
public sealed class NodeChannelOptions
{
    /// <summary>The longest message in bytes, sent or received (16 MiB). One that is longer ends the channel.</summary>
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many bytes may wait to be sent (4 MiB); further senders wait. One message may always wait, whatever its size.</summary>
    public int MaxQueuedBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many received messages may wait to be read (1,024); then nothing is received, and the peer has to wait.</summary>
    public int MaxQueuedMessages { get; set; } = 1024;

    /// <summary>How values of .NET types are written and read. Trimmed programs give it a source-generated context as its resolver.</summary>
    public JsonSerializerOptions Serializer { get; set; } = new(JsonSerializerDefaults.Web);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxMessageBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxQueuedBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxQueuedMessages);
        ArgumentNullException.ThrowIfNull(Serializer);
    }
}
