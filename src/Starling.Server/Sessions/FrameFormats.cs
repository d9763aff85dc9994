using Starling.Protocol.Buffers;

namespace Starling.Server.Sessions;

/// <summary>How the WebSocket frames for a client differ from the plain form of protocol 4.</summary>
[Flags]
internal enum FrameFormats
{
    None = 0,

    /// <summary>The client cannot read binary frames (<c>b64=1</c>).</summary>
    Base64 = 1,

    /// <summary>The client speaks Engine.IO protocol 3.</summary>
    Version3 = 2,

    /// <summary>Messages are compressed (RFC 7692).</summary>
    Deflated = 4,
}

/// <summary>Compresses one message without context from earlier ones, so that the result fits every connection.</summary>
internal delegate void MessageDeflater(ReadOnlySpan<byte> message, PooledBuffer output);
