using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Tests.Transports.WebSockets;

/// <summary>A TCP connection on which a test writes what it likes, and reads the frames of a server.</summary>
internal sealed class WireClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    /// <summary>The head of the answer to the handshake.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Whether something can be read at once.</summary>
    public bool HasInput => _end > _start || _socket.Available > 0;

    private ReadOnlyMemory<byte> Received => _buffer.AsMemory(_start, _end - _start);

    /// <summary>Connects, without a word.</summary>
    /// <param name="url">The server.</param>
    /// <param name="receiveBuffer">Bytes that the system takes while the test reads nothing; null for the system's own size.</param>
    public static async Task<WireClient> ConnectAsync(Uri url, int? receiveBuffer = null)
    {
        var client = new WireClient();
        if (receiveBuffer is { } size)
        {
            client._socket.ReceiveBufferSize = size;
        }

        await client._socket.ConnectAsync(IPAddress.Loopback, url.Port, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>Connects and becomes a WebSocket.</summary>
    public static async Task<WireClient> UpgradeAsync(Uri url, string pathAndQuery, string headers = "", int? receiveBuffer = null)
    {
        var client = await ConnectAsync(url, receiveBuffer);
        await client.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {pathAndQuery} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"));
        client.Answer = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101", client.Answer, StringComparison.Ordinal);
        return client;
    }

    /// <summary>A frame as a client writes it, valid or not.</summary>
    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, bool final = true, bool masked = true, byte reserved = 0)
    {
        var header = new byte[FrameHeader.MaxUnmaskedSize];
        var length = FrameHeader.Write(header, opcode, payload.Length);
        header[0] = (byte)((final ? 0x80 : 0) | reserved | (byte)opcode);
        if (!masked)
        {
            return [.. header.AsSpan(0, length), .. payload];
        }

        header[1] |= 0x80;
        byte[] key = [0x37, 0xFA, 0x21, 0x3D];
        var body = payload.ToArray();
        Masking.Apply(body, MemoryMarshal.Read<uint>(key));
        return [.. header.AsSpan(0, length), .. key, .. body];
    }

    public static byte[] Text(string text, bool final = true) => Frame(Opcode.Text, Encoding.UTF8.GetBytes(text), final);

    public static byte[] Close(int code, ReadOnlySpan<byte> reason = default)
    {
        var payload = new byte[2 + reason.Length];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        reason.CopyTo(payload.AsSpan(2));
        return Frame(Opcode.Close, payload);
    }

    public async Task SendAsync(params byte[][] parts)
    {
        foreach (var part in parts)
        {
            ReadOnlyMemory<byte> left = part;
            while (!left.IsEmpty)
            {
                left = left[await _socket.SendAsync(left, SocketFlags.None, TestContext.Current.CancellationToken)..];
            }
        }
    }

    /// <summary>Sends until the server has closed or everything is sent; a server may stop reading before.</summary>
    public async Task SendAsMuchAsPossibleAsync(byte[] bytes)
    {
        try
        {
            await SendAsync(bytes);
        }
        catch (SocketException)
        {
            // The server has reset the connection. What it has sent before must be readable all the same.
        }
    }

    /// <summary>The next frame; null at the end of the connection.</summary>
    /// <exception cref="SocketException">The server has reset the connection.</exception>
    public async Task<(FrameHeader Header, byte[] Payload)?> ReadFrameAsync()
    {
        while (true)
        {
            if (FrameHeader.TryRead(new ReadOnlySequence<byte>(Received), out var header)
                && Received.Length >= header.Size + header.PayloadLength)
            {
                var payload = Received.Slice(header.Size, (int)header.PayloadLength).ToArray();
                _start += header.Size + (int)header.PayloadLength;
                return (header, payload);
            }

            if (!await ReceiveAsync())
            {
                return null;
            }
        }
    }

    /// <summary>The next text message.</summary>
    public async Task<string> ReadTextAsync()
    {
        var frame = await ReadFrameAsync();
        Assert.NotNull(frame);
        Assert.Equal(Opcode.Text, frame.Value.Header.Opcode);
        return Encoding.UTF8.GetString(frame.Value.Payload);
    }

    /// <summary>
    /// Reads up to the close frame and the end behind it.
    /// </summary>
    /// <returns>The code; 1005 for a close frame without one, 1006 when the connection ended without a close frame.</returns>
    public async Task<int> ReadCloseAsync()
    {
        var code = 1006;
        try
        {
            while (await ReadFrameAsync() is { } frame)
            {
                if (frame.Header.Opcode == Opcode.Close)
                {
                    code = frame.Payload.Length == 0 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // A reset: what was not read before is lost.
        }

        return code;
    }

    /// <summary>Reads the head of an HTTP answer.</summary>
    public async Task<string> ReadHeadAsync()
    {
        int end;
        while ((end = Received.Span.IndexOf("\r\n\r\n"u8)) < 0)
        {
            Assert.True(await ReceiveAsync(), "the server has closed the connection after: " + Encoding.Latin1.GetString(Received.Span));
        }

        var head = Encoding.Latin1.GetString(Received.Span[..end]);
        _start += end + 4;
        return head;
    }

    /// <summary>Whether the end of the connection comes, and not a reset.</summary>
    public async Task<bool> EndsAsync()
    {
        try
        {
            while (await ReceiveAsync())
            {
                // Until the end.
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> ReceiveAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        if (_end == _buffer.Length)
        {
            var larger = _start > _buffer.Length / 2 ? _buffer : new byte[_buffer.Length * 2];
            Received.CopyTo(larger);
            (_buffer, _start, _end) = (larger, 0, _end - _start);
        }

        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, limit.Token);
        _end += count;
        return count > 0;
    }
}
