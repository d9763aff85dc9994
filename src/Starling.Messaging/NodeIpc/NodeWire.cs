using System.Buffers;
using System.Text.Json;

namespace Starling.Messaging.NodeIpc;

/// <summary>The form of Node's messages: one JSON document on a line; what begins with <c>NODE_</c> is between the two runtimes.</summary>
internal static class NodeWire
{
    public const string InternalPrefix = "NODE_";
    public const string Handle = "NODE_HANDLE";
    public const string Acknowledged = "NODE_HANDLE_ACK";
    public const string Refused = "NODE_HANDLE_NACK";

    public static ReadOnlySpan<byte> AcknowledgedLine => "{\"cmd\":\"NODE_HANDLE_ACK\"}\n"u8;

    public static ReadOnlySpan<byte> RefusedLine => "{\"cmd\":\"NODE_HANDLE_NACK\"}\n"u8;

    /// <summary>Makes a line of a JSON document. A line break can only stand between its tokens, where a space does as well.</summary>
    public static byte[] Line(ReadOnlySpan<byte> json)
    {
        var line = new byte[json.Length + 1];
        json.CopyTo(line);
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line[^1] = (byte)'\n';
        return line;
    }

    /// <summary>Makes the line that goes with a descriptor.</summary>
    public static byte[] HandleLine(NodeHandleKind kind, ReadOnlySpan<byte> json, string? datagramType)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + 80);
        buffer.Write("{\"cmd\":\"NODE_HANDLE\",\"type\":\""u8);
        buffer.Write(Name(kind));
        buffer.Write("\","u8);
        if (datagramType is not null)
        {
            buffer.Write(datagramType == "udp6" ? "\"dgramType\":\"udp6\","u8 : "\"dgramType\":\"udp4\","u8);
        }

        buffer.Write("\"msg\":"u8);
        buffer.Write(json);
        buffer.Write("}"u8);
        return Line(buffer.WrittenSpan);
    }

    /// <summary>The <c>cmd</c> of a message between the runtimes, or null for a message of the user.</summary>
    public static string? Command(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object && NodeJson.Text(message, "cmd") is { } text
        && text.Length > InternalPrefix.Length && text.StartsWith(InternalPrefix, StringComparison.Ordinal)
            ? text
            : null;

    public static bool TryKind(JsonElement message, out NodeHandleKind kind)
    {
        kind = default;
        if (!NodeJson.TryGet(message, "type", out var type))
        {
            return false;
        }

        foreach (var candidate in Enum.GetValues<NodeHandleKind>())
        {
            if (NodeJson.IsText(type, Name(candidate)))
            {
                kind = candidate;
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Name(NodeHandleKind kind) => kind switch
    {
        NodeHandleKind.Server => "net.Server"u8,
        NodeHandleKind.Socket => "net.Socket"u8,
        NodeHandleKind.Native => "net.Native"u8,
        NodeHandleKind.DatagramNative => "dgram.Native"u8,
        NodeHandleKind.DatagramSocket => "dgram.Socket"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
