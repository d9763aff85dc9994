using System.Buffers;
using System.Diagnostics;
using Starling.Protocol.Buffers;
using Starling.Protocol.EngineIo;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Sessions;

/// <summary>
/// A message on its way to one or many sessions: encoded once, then copied by every transport in the form that its client reads.
/// </summary>
/// <remarks>
/// Used by one thread; whoever hands it to sessions disposes it afterwards, since each session has copied what it needs by then.
/// The body is written behind headroom, so that the WebSocket frame of a text message is built around it in place; attachments follow
/// as frames of their own. Every other form is made when the first session asks for it.
/// </remarks>
internal sealed class OutgoingMessage : IDisposable
{
    private const int FormatCount = 8;

    private readonly PooledBuffer _plain = new();
    private readonly PooledBuffer?[] _others = new PooledBuffer?[FormatCount];
    private readonly List<ReadOnlyMemory<byte>> _attachments = [];
    private int _bodyOffset;
    private int _bodyLength;

    /// <summary>Whether the body is text; else it is bytes.</summary>
    public bool IsText { get; private set; }

    /// <summary>Binary messages that follow the body and must reach the client without another packet between.</summary>
    public List<ReadOnlyMemory<byte>> Attachments => _attachments;

    /// <summary>Whether the application asked not to compress this message.</summary>
    public bool SkipCompression { get; set; }

    /// <summary>
    /// Whether this answers a request: then it leaves behind what the request has sent to others, since a client that has its answer may
    /// count on that.
    /// </summary>
    public bool IsAnswer { get; set; }

    /// <summary>The body without any header of Engine.IO or of a transport.</summary>
    public ReadOnlySpan<byte> Body => _plain.Written.Slice(_bodyOffset, _bodyLength);

    /// <summary>What was written of a body that is not sealed yet.</summary>
    public ReadOnlySpan<byte> Unsealed => _plain.Written;

    /// <summary>Begins a body and returns where to write it.</summary>
    /// <param name="isText">Whether the body is UTF-8 text.</param>
    /// <param name="headroom">Bytes that the caller will put before the body later.</param>
    public PooledBuffer Begin(bool isText, int headroom = 0)
    {
        IsText = isText;
        SkipCompression = false;
        IsAnswer = false;
        _attachments.Clear();
        _plain.Reset(FrameHeader.MaxUnmaskedSize + 1 + headroom);
        return _plain;
    }

    /// <summary>Puts the header of a Socket.IO packet before the payload; what was written so far is the payload.</summary>
    public void PrependHeader(Starling.Protocol.SocketIo.PacketType type, ReadOnlySpan<byte> namespaceName, long ackId) =>
        Starling.Protocol.SocketIo.PacketHeader.Prepend(_plain, type, _attachments.Count, namespaceName, ackId);

    /// <summary>Ends the body: puts the frame around it and appends the attachments.</summary>
    public void Seal()
    {
        _bodyLength = _plain.Length;
        if (IsText)
        {
            _plain.Prepend(1)[0] = (byte)'0' + (byte)PacketType.Message;
        }

        var payload = _plain.Length;
        var headerSize = FrameHeader.SizeFor(payload);
        FrameHeader.Write(_plain.Prepend(headerSize), IsText ? Opcode.Text : Opcode.Binary, payload);
        _bodyOffset = headerSize + (IsText ? 1 : 0);
        foreach (var attachment in _attachments)
        {
            WriteFrame(_plain, Opcode.Binary, [], attachment.Span);
        }
    }

    /// <summary>The WebSocket frames of the message in the form that a client asked for.</summary>
    /// <param name="format">The client's form.</param>
    /// <param name="deflate">Compresses one message; needed for <see cref="FrameFormats.Deflated"/>.</param>
    public ReadOnlySpan<byte> Frames(FrameFormats format, MessageDeflater? deflate = null)
    {
        if (format == FrameFormats.None || (format == FrameFormats.Version3 && IsText && _attachments.Count == 0))
        {
            return _plain.Written;
        }

        if (_others[(int)format] is not { } buffer)
        {
            buffer = new PooledBuffer();
            _others[(int)format] = buffer;
        }

        if (buffer.Length == 0)
        {
            WriteFormat(buffer, format, deflate);
        }

        return buffer.Written;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.Dispose();
        _attachments.Clear();
        foreach (var other in _others)
        {
            other?.Dispose();
        }
    }

    private void WriteFormat(PooledBuffer output, FrameFormats format, MessageDeflater? deflate)
    {
        if (IsText)
        {
            WriteMessage(output, Opcode.Text, "4"u8, Body, format, deflate);
        }
        else
        {
            WriteBinary(output, Body, format, deflate);
        }

        foreach (var attachment in _attachments)
        {
            WriteBinary(output, attachment.Span, format, deflate);
        }
    }

    private static void WriteBinary(PooledBuffer output, ReadOnlySpan<byte> bytes, FrameFormats format, MessageDeflater? deflate)
    {
        var version3 = (format & FrameFormats.Version3) != 0;
        if ((format & FrameFormats.Base64) == 0)
        {
            // Protocol 3 puts the type before binary data, as a byte and not as a digit.
            WriteMessage(output, Opcode.Binary, version3 ? [(byte)PacketType.Message] : [], bytes, format, deflate);
            return;
        }

        using var text = new PooledBuffer();
        PacketWriter.WriteBase64(text, bytes);
        WriteMessage(output, Opcode.Text, version3 ? "b4"u8 : "b"u8, text.Written[1..], format, deflate);
    }

    private static void WriteMessage(
        PooledBuffer output, Opcode opcode, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, FrameFormats format, MessageDeflater? deflate)
    {
        if ((format & FrameFormats.Deflated) == 0)
        {
            WriteFrame(output, opcode, prefix, body);
            return;
        }

        Debug.Assert(deflate is not null, "a deflated form is asked for together with the deflater");
        var array = ArrayPool<byte>.Shared.Rent(prefix.Length + body.Length);
        prefix.CopyTo(array);
        body.CopyTo(array.AsSpan(prefix.Length));
        using var compressed = new PooledBuffer();
        deflate(array.AsSpan(0, prefix.Length + body.Length), compressed);
        ArrayPool<byte>.Shared.Return(array);
        WriteFrame(output, opcode, [], compressed.Written, compressed: true);
    }

    private static void WriteFrame(
        PooledBuffer output, Opcode opcode, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, bool compressed = false)
    {
        var length = prefix.Length + body.Length;
        output.Advance(FrameHeader.Write(output.GetSpan(FrameHeader.MaxUnmaskedSize), opcode, length, compressed));
        output.Write(prefix);
        output.Write(body);
    }
}
