using System.Buffers;
using System.Globalization;

namespace Starling.Ot.Json;

/// <summary>A step of a path into a JSON document: the key of an object's member, or the index of a list's item.</summary>
public readonly record struct Json0Segment
{
    private readonly string? _key;
    private readonly long _index;

    /// <summary>Creates a step into an object.</summary>
    /// <param name="key">The key of the member.</param>
    public Json0Segment(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
    }

    /// <summary>Creates a step into a list.</summary>
    /// <param name="index">The index of the item; not negative.</param>
    public Json0Segment(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        _index = index;
    }

    /// <summary>Whether it is the key of an object's member, as far as it is written so: JavaScript finds members by numbers and items by texts too.</summary>
    public bool IsKey => _key is not null;

    /// <summary>The key, or the index as a text.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _key ?? _index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The index, as which JavaScript takes a text of its digits too; null if it is none.</summary>
    internal long? AsIndex()
    {
        if (_key is null)
        {
            return _index;
        }

        return CanonicalJson.IsIndex(_key, out var index) ? index : null;
    }

    /// <summary>Whether JavaScript's <c>==</c> would say so.</summary>
    internal bool IsAlike(Json0Segment other) => this == other || (IsKey != other.IsKey && ToString() == other.ToString());

    internal void WriteTo(IBufferWriter<byte> output)
    {
        if (_key is not null)
        {
            JsonText.Write(output, _key);
        }
        else
        {
            JsonNumber.Write(output, _index);
        }
    }
}
