using System.Security.Cryptography;
using System.Text;

namespace Starling.LoadGenerator.WebSockets;

/// <summary>The opening handshake, written once for all connections to a server. RFC 6455, section 4.1.</summary>
internal sealed class Handshake
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private readonly byte[] _accept;

    public Handshake(int port, string path)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        Request = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n");
        _accept = Encoding.ASCII.GetBytes(": " + Accept(key) + "\r\n");
    }

    public byte[] Request { get; }

#pragma warning disable CA5350 // SHA-1 is what the protocol asks for; it proves nothing but that the server speaks it.
    public static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350

    /// <summary>Length of the server's answer, or 0 while it is incomplete.</summary>
    /// <exception cref="LoadException">The server refused.</exception>
    public int ReadAnswer(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return 0;
        }

        var answer = bytes[..(end + 4)];
        if (!answer.StartsWith("HTTP/1.1 101 "u8) || answer.IndexOf(_accept) < 0)
        {
            throw new LoadException("The server refused the WebSocket: " + Encoding.ASCII.GetString(answer).Split("\r\n")[0]);
        }

        return answer.Length;
    }
}
