using System.Buffers;

namespace Starling.Ot;

/// <summary>A change to a document of some type. Immutable.</summary>
public interface IOtOperation
{
    /// <summary>Whether it changes nothing, whatever the document.</summary>
    bool IsNoOp { get; }

    /// <summary>Writes the operation as UTF-8 JSON, byte for byte as <c>JSON.stringify</c> would.</summary>
    /// <param name="output">Where to.</param>
    void WriteTo(IBufferWriter<byte> output);
}
