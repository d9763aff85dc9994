using System.Text.Encodings.Web;
using System.Text.Json;
using Starling.Messaging.Calls;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Streams;
using Starling.Protocol.Buffers;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>
/// One frame while it is written: the envelope as raw bytes, the payload by <see cref="Json"/>, at the end the header in front. Pooled;
/// owner: whoever took it from the pool. Not thread-safe.
/// </summary>
internal sealed class OutgoingMessage
{
    /// <summary>Memory beyond which the buffer is not kept for the next message.</summary>
    private const int LargestKept = 256 * 1024;

    private readonly PooledBuffer _buffer = new();
    private readonly List<OutgoingStream> _streams = [];

    // The output is never part of a web page, so only what JSON itself asks for is escaped. The structure is the serializer's.
    private readonly Utf8JsonWriter _json = new(
        Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>Writes the payload. What it has written is in the message after the next call of another method.</summary>
    public Utf8JsonWriter Json => _json;

    /// <summary>The finished frame.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.Written;

    public void BeginRequest(long id, OutgoingMethod method)
    {
        Begin();
        _buffer.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        ((RequestId)id).Write(_buffer);
        WriteMethod(method);
        _json.Reset(_buffer);
    }

    public void BeginNotification(OutgoingMethod method)
    {
        Begin();
        _buffer.Write("{\"jsonrpc\":\"2.0\""u8);
        WriteMethod(method);
        _json.Reset(_buffer);
    }

    public void BeginResult(in RequestId id)
    {
        BeginAnswer(id);
        _buffer.Write(",\"result\":"u8);
        _json.Reset(_buffer);
    }

    /// <summary>Ends the envelope that one of the others began.</summary>
    public void End()
    {
        _json.Flush();
        _buffer.WriteByte((byte)'}');
    }

    /// <summary>Writes a whole error answer.</summary>
    public void WriteError(in RequestId id, int code, string message, JsonElement? data)
    {
        BeginAnswer(id);
        _buffer.Write(",\"error\":"u8);
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteNumber("code"u8, code);
        _json.WriteString("message"u8, message);
        if (data is { } element)
        {
            _json.WritePropertyName("data"u8);
            element.WriteTo(_json);
        }

        _json.WriteEndObject();
        End();
    }

    /// <summary>Begins a batch, whose messages are added one by one.</summary>
    public void BeginBatch()
    {
        Begin();
        _buffer.WriteByte((byte)'[');
    }

    /// <summary>Adds another message, without its header, to a batch.</summary>
    public void Add(OutgoingMessage message)
    {
        if (_buffer.Length > 1)
        {
            _buffer.WriteByte((byte)',');
        }

        _buffer.Write(message.Bytes);
        _streams.AddRange(message._streams);
        message._streams.Clear();
    }

    public void EndBatch() => _buffer.WriteByte((byte)']');

    /// <summary>Begins a piece of a binary stream.</summary>
    /// <returns>Where to put its bytes.</returns>
    public Memory<byte> BeginChunk(int maxLength)
    {
        Begin();
        return _buffer.GetMemory(maxLength)[..maxLength];
    }

    /// <summary>Ends the piece, which is then sealed.</summary>
    public void EndChunk(int length, long stream)
    {
        _buffer.Advance(length);
        Seal(stream);
    }

    /// <summary>Adds a stream that begins when the message has gone out.</summary>
    public void Add(OutgoingStream stream) => _streams.Add(stream);

    /// <summary>To be called when the message has its place among those that are sent.</summary>
    public void OnSent()
    {
        if (_streams.Count > 0)
        {
            _streams.ForEach(static stream => stream.Start());
            _streams.Clear();
        }
    }

    /// <summary>Puts the header in front; nothing may be written after it.</summary>
    /// <param name="stream">The stream that the frame is a piece of, or null for JSON.</param>
    public void Seal(long? stream = null)
    {
        Span<byte> header = stackalloc byte[FrameHeader.MaxWritten];
        var length = new FrameHeader(_buffer.Length, stream).Write(header);
        header[..length].CopyTo(_buffer.Prepend(length));
    }

    /// <summary>Makes it ready for the next use.</summary>
    public void Reset()
    {
        _json.Reset(Stream.Null);

        // Of a message that could not be finished.
        _streams.ForEach(static stream => stream.Drop());
        _streams.Clear();
        if (_buffer.Length > LargestKept)
        {
            _buffer.Dispose();
        }
    }

    private void Begin() => _buffer.Reset(FrameHeader.MaxWritten);

    private void BeginAnswer(in RequestId id)
    {
        Begin();
        _buffer.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        id.Write(_buffer);
    }

    private void WriteMethod(OutgoingMethod method)
    {
        // Messages of the protocol itself belong to no trace.
        if (!method.IsControl)
        {
            TraceContext.Write(_buffer);
        }

        _buffer.Write(",\"method\":\""u8);
        _buffer.Write(method.EncodedName);
        _buffer.Write("\",\"params\":"u8);
    }
}
