using System.Text.Json;
using Starling.Protocol.Buffers;

namespace Starling.Server.Channels.Http;

/// <summary>Tells a subscriber that publications it asked for are no longer there, so that it reads the state anew.</summary>
internal static class GapDocument
{
    /// <summary><c>{"type":"gap","requested":…}</c></summary>
    public static byte[] Encode(string? requested)
    {
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "gap"u8);
            writer.WriteString("requested"u8, requested);
            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }
}
