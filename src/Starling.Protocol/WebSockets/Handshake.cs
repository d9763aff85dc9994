using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Starling.Protocol.WebSockets;

/// <summary>The opening handshake (RFC 6455, section 4.2).</summary>
public static class Handshake
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Whether <paramref name="key"/> is the base64 form of 16 bytes, as <c>Sec-WebSocket-Key</c> has to be.</summary>
    /// <param name="key">The header's value.</param>
    /// <returns>Whether it may be answered.</returns>
    public static bool IsValidKey([NotNullWhen(true)] string? key) =>
        key is { Length: 24 } && Base64.IsValid(key, out var length) && length == 16;

    /// <summary>The value of <c>Sec-WebSocket-Accept</c> for a key.</summary>
    /// <param name="key">The value of <c>Sec-WebSocket-Key</c>.</param>
    /// <returns>What the response has to carry.</returns>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 prescribes SHA-1; nothing is kept secret by it.")]
    public static string Accept(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix), hash);
        return Convert.ToBase64String(hash);
    }
}
