using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>A change to a JSON document by steps, each made after those before it. Immutable.</summary>
public sealed class Json0Operation : IOtOperation
{
    private readonly Json0Component[] _components;

    internal Json0Operation(IEnumerable<Json0Component> components) => _components = [.. components];

    /// <inheritdoc/>
    public bool IsNoOp => _components.Length == 0;

    /// <summary>The steps.</summary>
    public IReadOnlyList<Json0Component> Components => _components;

    /// <summary>Reads an operation for what it does, and not to apply it: without knowing types other than text0 within it.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The operation. It does not refer to <paramref name="json"/>.</returns>
    /// <exception cref="OtException">It is not an operation of json0.</exception>
    public static Json0Operation Read(ReadOnlySpan<byte> json) => Json0Reader.Basic.Read(json);

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
