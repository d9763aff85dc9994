namespace Starling.Server.Sockets.Payloads;

/// <summary>
/// The attachments of the packet that this thread is serialising or deserialising: converters of System.Text.Json get no state of the
/// call, so that it stands beside it for the duration of the (synchronous) call.
/// </summary>
internal static class AttachmentScope
{
    /// <summary>Takes the attachments of the packet being written.</summary>
    [field: ThreadStatic]
    public static List<ReadOnlyMemory<byte>>? Writing { get; set; }

    /// <summary>Holds the attachments of the packet being read.</summary>
    [field: ThreadStatic]
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Reading { get; set; }
}
