using System.Buffers;
using Starling.Ot;

namespace Starling.Documents.Tests;

/// <summary>A type that looks into nothing: an operation replaces the document, and both are the bytes they were.</summary>
internal sealed class RawType : IOtType
{
    public string Name => "raw";

    public string Uri => "http://example.org/types/raw";

    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) => new Raw(json.ToArray());

    public IOtOperation ReadOperation(ReadOnlySpan<byte> json) => new Raw(json.ToArray());

    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation) => (Raw)operation;

    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side) => operation;

    private sealed class Raw(byte[] json) : IOtSnapshot, IOtOperation
    {
        public bool IsNoOp => false;

        public void WriteTo(IBufferWriter<byte> output) => output.Write(json);
    }
}
