using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Transports.WebSockets;

/// <summary>
/// Carries frames over a WebSocket that the web server gives as messages only: each message becomes a frame to read, each frame that is
/// written a message. ASP.NET Core's <c>TestServer</c> is such a server.
/// </summary>
/// <remarks>Life time: that of the request. Pings are answered here, since the messages of a WebSocket do not show them.</remarks>
internal sealed class FramedWebSocket : IDuplexPipe
{
    private const int ReadBytes = 4096;
    private const byte FinalBit = 0x80;
    private const byte MaskBit = 0x80;
    private const int MaskBytes = 4;

    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly Pipe _input = new(new PipeOptions(useSynchronizationContext: false));
    private readonly Pipe _output = new(new PipeOptions(useSynchronizationContext: false));
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _writing = new(1);
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;

    private FramedWebSocket(WebSocket socket) => _socket = socket;

    public PipeReader Input => _input.Reader;

    public PipeWriter Output => _output.Writer;

    /// <summary>Begins to carry frames, until the request ends.</summary>
    public static FramedWebSocket Create(WebSocket socket, HttpContext context)
    {
        var framed = new FramedWebSocket(socket);
        var aborting = context.RequestAborted.Register(framed.Abort);
        context.Response.OnCompleted(() =>
        {
            aborting.Dispose();
            return framed.EndAsync();
        });
        framed._receiving = framed.ReceiveAsync();
        framed._sending = framed.SendAsync();
        return framed;
    }

    private static bool IsBreak(Exception exception) =>
        exception is WebSocketException or IOException or OperationCanceledException or InvalidOperationException;

    private void Abort()
    {
        _socket.Abort();
        _ended.Cancel();
    }

    private async Task EndAsync()
    {
        // What was written last, a close frame as a rule, still has to leave.
        await _output.Writer.CompleteAsync();
        await _sending.WaitAsync(SendLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ended.CancelAsync();
        await Task.WhenAll(_sending, _receiving);
        _socket.Dispose();
        _ended.Dispose();
        _writing.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var failure = default(IOException);
        var buffer = new byte[ReadBytes];
        var isContinued = false;
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(), _ended.Token) is { MessageType: not WebSocketMessageType.Close } part)
            {
                var opcode = part.MessageType == WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
                await WriteFrameAsync(isContinued ? Opcode.Continuation : opcode, part.EndOfMessage, buffer.AsMemory(0, part.Count));
                isContinued = !part.EndOfMessage;
            }

            await WriteFrameAsync(Opcode.Close, isFinal: true, CloseReason());
        }
        catch (Exception exception) when (IsBreak(exception))
        {
            failure = new IOException("The WebSocket broke: " + exception.Message, exception);
        }

        await _writing.WaitAsync();
        await _input.Writer.CompleteAsync(failure);
        _writing.Release();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var read = await _output.Reader.ReadAsync(_ended.Token);
                var buffer = read.Buffer;
                while (FrameHeader.TryRead(buffer, out var header) && buffer.Length >= header.Size + header.PayloadLength)
                {
                    var payload = buffer.Slice(header.Size, header.PayloadLength);
                    buffer = buffer.Slice(payload.End);
                    await SendFrameAsync(header, payload.IsSingleSegment ? payload.First : payload.ToArray());
                }

                _output.Reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (IsBreak(exception))
        {
            await _ended.CancelAsync();
        }

        await _output.Reader.CompleteAsync();
    }

    private async ValueTask SendFrameAsync(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        switch (header.Opcode)
        {
            case Opcode.Text or Opcode.Binary:
                var type = header.Opcode == Opcode.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                await _socket.SendAsync(payload, type, header.Final, _ended.Token);
                break;
            case Opcode.Ping:
                await WriteFrameAsync(Opcode.Pong, isFinal: true, payload);
                break;
            case Opcode.Close when _socket.State is WebSocketState.Open or WebSocketState.CloseReceived:
                await (payload.Length < 2
                    ? _socket.CloseOutputAsync(WebSocketCloseStatus.Empty, null, _ended.Token)
                    : _socket.CloseOutputAsync(
                        (WebSocketCloseStatus)BinaryPrimitives.ReadUInt16BigEndian(payload.Span), Encoding.UTF8.GetString(payload.Span[2..]), _ended.Token));
                break;
        }
    }

    // As a client sends them: masked, with a key that changes nothing.
    private async ValueTask WriteFrameAsync(Opcode opcode, bool isFinal, ReadOnlyMemory<byte> payload)
    {
        await _writing.WaitAsync(_ended.Token);
        try
        {
            var writer = _input.Writer;
            var head = writer.GetSpan(FrameHeader.MaxSize);
            var length = FrameHeader.Write(head, opcode, payload.Length);
            head[0] = (byte)((isFinal ? FinalBit : 0) | (byte)opcode);
            head[1] |= MaskBit;
            head.Slice(length, MaskBytes).Clear();
            writer.Advance(length + MaskBytes);
            writer.Write(payload.Span);
            await writer.FlushAsync(_ended.Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    private byte[] CloseReason()
    {
        if (_socket.CloseStatus is not { } status || status == WebSocketCloseStatus.Empty)
        {
            return [];
        }

        var reason = new byte[2 + Encoding.UTF8.GetByteCount(_socket.CloseStatusDescription ?? "")];
        BinaryPrimitives.WriteUInt16BigEndian(reason, (ushort)status);
        Encoding.UTF8.GetBytes(_socket.CloseStatusDescription ?? "", reason.AsSpan(2));
        return reason;
    }
}
