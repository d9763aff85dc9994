using System.Buffers;

namespace Starling.Protocol.JsonRpc;

/// <summary>One frame: a JSON text, or a piece of a binary stream.</summary>
/// <param name="Body">The content; valid until the reader moves on.</param>
/// <param name="Stream">Number of the binary stream that the body is a piece of, or null when it is JSON.</param>
public readonly record struct Frame(ReadOnlySequence<byte> Body, long? Stream);
