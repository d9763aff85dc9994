using System.Text.Json;

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

    /// <summary>Takes the places of the placeholders that were written for them.</summary>
    [field: ThreadStatic]
    public static List<int>? Written { get; set; }

    /// <summary>Holds the attachments of the packet being read.</summary>
    [field: ThreadStatic]
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Reading { get; set; }

    /// <summary>How many bytes of attachments were copied for the value being read.</summary>
    [field: ThreadStatic]
    public static long Copied { get; set; }

    /// <summary>Copies an attachment of the packet being read.</summary>
    /// <exception cref="JsonException">
    /// More is copied than came in. A client sends every attachment for one place; a packet that names one thousands of times would
    /// take many gigabytes of memory.
    /// </exception>
    public static byte[] Copy(ReadOnlyMemory<byte> attachment)
    {
        Account(attachment);
        return attachment.ToArray();
    }

    /// <summary>Counts an attachment that is about to be copied.</summary>
    /// <exception cref="JsonException">As for <see cref="Copy"/>.</exception>
    public static void Account(ReadOnlyMemory<byte> attachment)
    {
        Copied += attachment.Length;
        if (Copied > (Reading?.Sum(static one => (long)one.Length) ?? 0))
        {
            throw new JsonException("An attachment stands in several places.");
        }
    }
}
