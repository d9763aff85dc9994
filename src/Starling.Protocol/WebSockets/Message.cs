namespace Starling.Protocol.WebSockets;

/// <summary>A whole message or a control frame, unmasked and, for text, checked to be UTF-8.</summary>
/// <param name="Opcode">Text, Binary, Close, Ping or Pong.</param>
/// <param name="Payload">Its bytes, valid until the next read from the same reader or until the input is advanced.</param>
public readonly record struct Message(Opcode Opcode, ReadOnlyMemory<byte> Payload);
