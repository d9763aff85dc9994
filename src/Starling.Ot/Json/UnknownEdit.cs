using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>An operation of a type that is not known; it can be passed on, but not applied.</summary>
internal sealed class UnknownEdit(byte[] json) : IOtOperation
{
    /// <inheritdoc/>
    public bool IsNoOp => false;

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output) => output.Write(json);
}
