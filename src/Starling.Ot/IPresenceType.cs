using System.Buffers;

namespace Starling.Ot;

/// <summary>A type that can keep cursors and selections where they belong while the document changes.</summary>
public interface IPresenceType : IOtType
{
    /// <summary>Moves a presence over an operation.</summary>
    /// <param name="presence">The presence as UTF-8 JSON.</param>
    /// <param name="operation">The operation that changes the document.</param>
    /// <param name="isOwn">Whether the one whose presence it is made the operation.</param>
    /// <param name="output">Gets the moved presence as UTF-8 JSON.</param>
    /// <exception cref="OtException">The presence is none of this type.</exception>
    void TransformPresence(ReadOnlySpan<byte> presence, IOtOperation operation, bool isOwn, IBufferWriter<byte> output);
}
