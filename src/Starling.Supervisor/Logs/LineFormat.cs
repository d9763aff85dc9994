using System.Buffers;
using System.Globalization;
using System.Text;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Logs;

/// <summary>How a line stands in a file: as it is, after the time, or as JSON. Immutable.</summary>
internal sealed class LineFormat
{
    private static readonly SearchValues<byte> Plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(code => (byte)code).Where(code => code is not ((byte)'"' or (byte)'\\'))]);
    private readonly bool _json;
    private readonly TimeFormat? _time;
    private readonly byte[] _tail;

    public LineFormat(LogConfig config, string app, int processId)
    {
        _json = config.Json;
        _time = config.DateFormat is { Length: > 0 } format ? TimeFormat.Parse(format) : null;
        var tail = new ArrayBufferWriter<byte>();
        tail.Write("\",\"process_id\":"u8);
        tail.Write(Encoding.UTF8.GetBytes(processId.ToString(CultureInfo.InvariantCulture)));
        tail.Write(",\"app_name\":\""u8);
        WriteJsonText(Encoding.UTF8.GetBytes(app), tail);
        tail.Write("\"}\n"u8);
        _tail = tail.WrittenSpan.ToArray();
    }

    /// <summary>Adds a line, given without its end, and an end.</summary>
    public void Write(ReadOnlySpan<byte> line, LogStream stream, DateTimeOffset time, ArrayBufferWriter<byte> target)
    {
        if (_json)
        {
            target.Write("{\"message\":\""u8);
            WriteJsonText(line, target);
            target.Write("\",\"timestamp\":\""u8);
            WriteTime(time, target);
            target.Write("\",\"type\":\""u8);
            target.Write(stream is LogStream.Out ? "out"u8 : "err"u8);
            target.Write(_tail);
            return;
        }

        if (_time is not null)
        {
            WriteTime(time, target);
            target.Write(": "u8);
        }

        target.Write(line);
        target.Write("\n"u8);
    }

    private static void WriteJsonText(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> target)
    {
        while (text.Length > 0)
        {
            var plain = text.IndexOfAnyExcept(Plain) is >= 0 and var at ? at : text.Length;
            target.Write(text[..plain]);
            text = text[plain..];
            if (text.Length > 0)
            {
                // Bytes that are no character become the sign for that, since JSON can hold nothing else.
                Rune.DecodeFromUtf8(text, out var rune, out var length);
                WriteJsonRune(rune, target);
                text = text[length..];
            }
        }
    }

    private static void WriteJsonRune(Rune rune, ArrayBufferWriter<byte> target)
    {
        switch (rune.Value)
        {
            case '"':
                target.Write("\\\""u8);
                break;
            case '\\':
                target.Write("\\\\"u8);
                break;
            case '\t':
                target.Write("\\t"u8);
                break;
            case '\r':
                target.Write("\\r"u8);
                break;
            case < 0x20:
                var escape = target.GetSpan(6);
                "\\u00"u8.CopyTo(escape);
                rune.Value.TryFormat(escape[4..], out _, "x2", CultureInfo.InvariantCulture);
                target.Advance(6);
                break;
            default:
                target.Advance(rune.EncodeToUtf8(target.GetSpan(4)));
                break;
        }
    }

    private void WriteTime(DateTimeOffset time, ArrayBufferWriter<byte> target)
    {
        var room = target.GetSpan(128);
        int written;
        if (_time is not null)
        {
            written = _time.Write(time, room);
        }
        else
        {
            time.UtcDateTime.TryFormat(room, out written, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        }

        target.Advance(written);
    }
}
