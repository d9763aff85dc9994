using System.Text;

namespace Starling.Server.Sockets;

/// <summary>Changes to events that are there as JSON arrays.</summary>
internal static class BroadcastEncoding
{
    /// <summary>The array with one more string at its end.</summary>
    public static byte[] AppendOffset(ReadOnlySpan<byte> array, string offset)
    {
        var end = array.TrimEnd(" \t\r\n"u8)[..^1];
        return [.. end, .. ",\""u8, .. Encoding.UTF8.GetBytes(offset), .. "\"]"u8];
    }

    /// <summary>Copies of attachments, which belong to the application and may change after the call that sent them.</summary>
    public static ReadOnlyMemory<byte>[] Own(List<ReadOnlyMemory<byte>> attachments) =>
        attachments.Count == 0 ? [] : [.. attachments.Select(static attachment => (ReadOnlyMemory<byte>)attachment.ToArray())];
}
