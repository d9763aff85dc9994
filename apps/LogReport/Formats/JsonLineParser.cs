using System.Text.Json;

namespace Starling.Apps.LogReport.Formats;

/// <summary>
/// Reads an object per line, with the names that nginx's variables, Caddy and the common libraries for logs use, at the top or within
/// <c>request</c>. A line that has neither a path, a status nor a client is none of ours.
/// </summary>
internal struct JsonLineParser(TimeUnit unit) : ILineParser
{
    private readonly byte[] _hostBytes = new byte[Reading.LineScanner.MaxLineBytes];
    private readonly byte[] _pathBytes = new byte[Reading.LineScanner.MaxLineBytes];
    private readonly byte[] _other = new byte[Reading.LineScanner.MaxLineBytes];
    private LineTime _time;

    public readonly bool TryReadFirst(ReadOnlySpan<byte> data, ref LogRecord record, out int length)
    {
        length = 0;
        return false;
    }

    public bool TryParse(ReadOnlySpan<byte> line, ref LogRecord record)
    {
        record.Clear();
        var reader = new Utf8JsonReader(line);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && !TryReadField(ref reader, ref record))
                {
                    return false;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or text in it that is not UTF-8.
            return false;
        }

        return !record.Path.IsEmpty || !record.Host.IsEmpty || record.Status != 0;
    }

    private bool TryReadField(scoped ref Utf8JsonReader reader, ref LogRecord record)
    {
        var field = FieldOf(reader);
        reader.Read();
        if (reader.TokenType is JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            // Only the request's members are looked at.
            if (field != Field.Request || reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Skip();
            }

            return true;
        }

        switch (field)
        {
            case Field.Host:
                record.Host = Value(ref reader, _hostBytes);
                return true;
            case Field.Path:
                record.Path = RequestLine.WithoutQuery(Value(ref reader, _pathBytes));
                return true;
            case Field.Request:
                record.Path = RequestLine.Path(Value(ref reader, _pathBytes));
                return true;
            case Field.Status:
                return Digits.TryReadStatus(Value(ref reader, _other), out record.Status);
            case Field.Bytes:
                return Digits.TryReadBytes(Value(ref reader, _other), out record.Bytes);
            case Field.Latency:
                return Durations.TryParse(Value(ref reader, _other), unit, out record.Latency);
            case Field.Time:
                return Times.TryParse(Value(ref reader, _other), ref _time, out record.Time);
            default:
                return true;
        }
    }

    private static ReadOnlySpan<byte> Value(scoped ref Utf8JsonReader reader, byte[] buffer) =>
        reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped ? buffer.AsSpan(0, reader.CopyString(buffer)) : reader.ValueSpan;

    private static Field FieldOf(in Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        return name.SequenceEqual("remote_addr"u8) || name.SequenceEqual("remote_ip"u8) || name.SequenceEqual("client_ip"u8) || name.SequenceEqual("ip"u8)
            || name.SequenceEqual("client"u8) || name.SequenceEqual("remote_host"u8) ? Field.Host
            : name.SequenceEqual("uri"u8) || name.SequenceEqual("path"u8) || name.SequenceEqual("url"u8) || name.SequenceEqual("request_uri"u8) ? Field.Path
            : name.SequenceEqual("request"u8) ? Field.Request
            : name.SequenceEqual("status"u8) || name.SequenceEqual("status_code"u8) ? Field.Status
            : name.SequenceEqual("bytes"u8) || name.SequenceEqual("size"u8) || name.SequenceEqual("bytes_sent"u8) || name.SequenceEqual("body_bytes_sent"u8) ? Field.Bytes
            : name.SequenceEqual("request_time"u8) || name.SequenceEqual("duration"u8) || name.SequenceEqual("latency"u8) ? Field.Latency
            : name.SequenceEqual("time"u8) || name.SequenceEqual("ts"u8) || name.SequenceEqual("timestamp"u8) || name.SequenceEqual("@timestamp"u8)
            || name.SequenceEqual("time_local"u8) || name.SequenceEqual("time_iso8601"u8) || name.SequenceEqual("msec"u8) ? Field.Time
            : Field.Other;
    }

    private enum Field
    {
        Other,
        Host,
        Path,
        Request,
        Status,
        Bytes,
        Latency,
        Time,
    }
}
