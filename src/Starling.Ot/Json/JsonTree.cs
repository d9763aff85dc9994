using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>
/// A JSON value. Immutable; a changed one shares all but the path to the change with what it was, however wide its lists and objects are.
/// </summary>
public abstract class JsonTree
{
    private protected JsonTree()
    {
    }

    /// <summary>How many lists and objects are nested in it, itself included; 0 for a simple value.</summary>
    internal virtual int Depth => 0;

    /// <summary>How many bytes <see cref="WriteTo"/> writes.</summary>
    internal abstract long EncodedLength { get; }

    /// <summary>Writes the value as UTF-8 JSON, byte for byte as <c>JSON.stringify</c> would.</summary>
    /// <param name="output">Where to.</param>
    public abstract void WriteTo(IBufferWriter<byte> output);

    /// <summary>What is at a key of an object or an index of a list; null where nothing is.</summary>
    internal virtual JsonTree? Find(Json0Segment segment) => null;

    /// <summary>The same with another value at a key or index that <see cref="Find"/> knows.</summary>
    internal virtual JsonTree With(Json0Segment segment, JsonTree value) => throw new OtException("Path invalid");

    /// <summary>Whether JavaScript's <c>===</c> would say so: simple values only, since each list and each object equals but itself.</summary>
    internal virtual bool IsSame(JsonTree? other) => false;
}
