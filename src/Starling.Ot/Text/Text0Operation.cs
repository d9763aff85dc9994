using System.Buffers;

namespace Starling.Ot.Text;

/// <summary>A change to a text by steps, each made after those before it. Immutable.</summary>
public sealed class Text0Operation : IOtOperation
{
    private readonly Text0Component[] _components;

    internal Text0Operation(IEnumerable<Text0Component> components) => _components = [.. components];

    /// <inheritdoc/>
    public bool IsNoOp => _components.Length == 0;

    internal IReadOnlyList<Text0Component> Components => _components;

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("["u8);
        for (var i = 0; i < _components.Length; i++)
        {
            output.Write(i == 0 ? [] : ","u8);
            _components[i].WriteTo(output);
        }

        output.Write("]"u8);
    }
}
