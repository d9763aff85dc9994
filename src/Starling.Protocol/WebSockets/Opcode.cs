namespace Starling.Protocol.WebSockets;

/// <summary>Frame opcodes (RFC 6455, section 5.2).</summary>
public enum Opcode : byte
{
    /// <summary>A further fragment of a message.</summary>
    Continuation = 0x0,

    /// <summary>A message, or its first fragment, in UTF-8.</summary>
    Text = 0x1,

    /// <summary>A message, or its first fragment, of bytes.</summary>
    Binary = 0x2,

    /// <summary>The closing handshake.</summary>
    Close = 0x8,

    /// <summary>Asks for a <see cref="Pong"/> with the same payload.</summary>
    Ping = 0x9,

    /// <summary>Answers a <see cref="Ping"/>.</summary>
    Pong = 0xA,
}
