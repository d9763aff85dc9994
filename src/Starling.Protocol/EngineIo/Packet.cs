namespace Starling.Protocol.EngineIo;

/// <summary>One Engine.IO packet.</summary>
/// <param name="Type">What it is.</param>
/// <param name="IsBinary">Whether it is a message of bytes; then <paramref name="Type"/> is <see cref="PacketType.Message"/>.</param>
/// <param name="Data">What follows the type: UTF-8 text or bytes. Valid as long as the memory that it was read from.</param>
public readonly record struct Packet(PacketType Type, bool IsBinary, ReadOnlyMemory<byte> Data);
