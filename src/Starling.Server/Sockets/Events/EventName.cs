using System.Text;
using System.Text.Json;

namespace Starling.Server.Sockets.Events;

/// <summary>Reads the name of an event from its packet.</summary>
internal static class EventName
{
    public const int MaxStackLength = 256;

    /// <summary>The name in UTF-8; without a copy when it is written without escapes, as names mostly are.</summary>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> array, Span<byte> scratch)
    {
        var reader = new Utf8JsonReader(array);
        reader.Read();
        reader.Read();
        if (reader.TokenType != JsonTokenType.String || !reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        try
        {
            var destination = reader.ValueSpan.Length <= scratch.Length ? scratch : new byte[reader.ValueSpan.Length];
            return destination[..reader.CopyString(destination)];
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no UTF-8; no listener can have such a name.
            return reader.ValueSpan;
        }
    }

    public static string ToText(ReadOnlySpan<byte> array)
    {
        Span<byte> scratch = stackalloc byte[MaxStackLength];
        return Encoding.UTF8.GetString(Read(array, scratch));
    }
}
