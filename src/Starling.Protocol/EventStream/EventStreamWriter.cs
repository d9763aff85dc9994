using System.Buffers;
using System.Buffers.Text;

namespace Starling.Protocol.EventStream;

/// <summary>Writes <c>text/event-stream</c> (HTML Living Standard, section 9.2).</summary>
/// <remarks>Values of single-line fields are written as they are: whoever takes them from outside refuses line breaks before.</remarks>
public static class EventStreamWriter
{
    private const byte NewLine = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    /// <summary>Writes one event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="id">Its id, or empty for none.</param>
    /// <param name="type">Its type, or empty for <c>message</c>.</param>
    /// <param name="retry">The reconnection time in milliseconds, or null.</param>
    /// <param name="data">Its data; every line becomes a field, whether lines end in CR, LF or both.</param>
    public static void WriteEvent(
        IBufferWriter<byte> output, ReadOnlySpan<byte> id, ReadOnlySpan<byte> type, long? retry, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!type.IsEmpty)
        {
            WriteField(output, "event: "u8, type);
        }

        if (!id.IsEmpty)
        {
            WriteField(output, "id: "u8, id);
        }

        if (retry is { } milliseconds)
        {
            WriteRetryField(output, milliseconds);
        }

        WriteData(output, data);
        output.Write("\n"u8);
    }

    /// <summary>Writes a comment, which clients ignore and proxies count as traffic.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">One line, or empty.</param>
    public static void WriteComment(IBufferWriter<byte> output, ReadOnlySpan<byte> text) => WriteField(output, ":"u8, text);

    /// <summary>Writes a block that sets the client's last event id without an event.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="id">The id.</param>
    public static void WriteId(IBufferWriter<byte> output, ReadOnlySpan<byte> id)
    {
        WriteField(output, "id: "u8, id);
        output.Write("\n"u8);
    }

    /// <summary>Writes a block that sets how long clients wait before they come back.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="milliseconds">The wait.</param>
    public static void WriteRetry(IBufferWriter<byte> output, long milliseconds)
    {
        WriteRetryField(output, milliseconds);
        output.Write("\n"u8);
    }

    private static void WriteRetryField(IBufferWriter<byte> output, long milliseconds)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(milliseconds, digits, out var written);
        WriteField(output, "retry: "u8, digits[..written]);
    }

    private static void WriteData(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var end = data.IndexOfAny(CarriageReturn, NewLine);
            if (end < 0)
            {
                WriteField(output, "data: "u8, data);
                return;
            }

            WriteField(output, "data: "u8, data[..end]);
            var isPair = data[end] == CarriageReturn && end + 1 < data.Length && data[end + 1] == NewLine;
            data = data[(end + (isPair ? 2 : 1))..];
        }
    }

    private static void WriteField(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var length = name.Length + value.Length + 1;
        var span = output.GetSpan(length);
        name.CopyTo(span);
        value.CopyTo(span[name.Length..]);
        span[length - 1] = NewLine;
        output.Advance(length);
    }
}
