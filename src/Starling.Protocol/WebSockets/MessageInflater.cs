using Starling.Protocol.Buffers;

namespace Starling.Protocol.WebSockets;

/// <summary>Inflates one message (RFC 7692).</summary>
/// <param name="payload">The compressed payload.</param>
/// <param name="output">Takes the inflated bytes.</param>
/// <param name="maxLength">The most bytes to write.</param>
/// <returns><see cref="CloseCode.None"/>, or why the connection has to be closed.</returns>
public delegate CloseCode MessageInflater(ReadOnlySpan<byte> payload, PooledBuffer output, int maxLength);
