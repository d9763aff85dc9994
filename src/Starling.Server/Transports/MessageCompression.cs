using Microsoft.AspNetCore.Http;
using Starling.Protocol.Buffers;
using Starling.Protocol.WebSockets;

namespace Starling.Server.Transports;

/// <summary>Compression of one WebSocket as negotiated with its client (RFC 7692).</summary>
internal sealed class MessageCompression
{
    /// <summary>Answers the client's offer in the response's headers.</summary>
    /// <returns>The compression, or null when the client offered none that can be taken.</returns>
    public static MessageCompression? Negotiate(HttpContext context) => throw new NotImplementedException();

    public void Deflate(ReadOnlySpan<byte> message, PooledBuffer output) => throw new NotImplementedException();

    public CloseCode Inflate(ReadOnlySpan<byte> payload, PooledBuffer output, int maxLength) => throw new NotImplementedException();
}
