using System.Buffers;
using System.Text.Json;

namespace Starling.Ot.RichText;

/// <summary>The formatting of a piece of rich text: names and JSON values, never empty. Immutable; few, so that a list is searched.</summary>
internal sealed class AttributeMap : IEquatable<AttributeMap>
{
    /// <summary>The most names in one formatting, so that comparing two of them stays cheap.</summary>
    public const int MaxCount = 1000;

    private static readonly byte[] NullValue = "null"u8.ToArray();

    private readonly KeyValuePair<string, byte[]>[] _items;

    private int _encodedLength;

    private AttributeMap(KeyValuePair<string, byte[]>[] items) => _items = items;

    public int Count => _items.Length;

    /// <summary>How many bytes <see cref="WriteTo"/> writes.</summary>
    public int EncodedLength => _encodedLength > 0 ? _encodedLength : _encodedLength = Measure();

    /// <summary>Reads an object; null when it has no member.</summary>
    public static AttributeMap? Read(ref Utf8JsonReader reader)
    {
        var items = new List<KeyValuePair<string, byte[]>>();
        Dictionary<string, int>? places = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = JsonText.Read(ref reader);
            reader.Read();
            var item = new KeyValuePair<string, byte[]>(key, CanonicalJson.Read(ref reader));
            var known = CanonicalJson.IndexOf(items, ref places, key);
            if (known < 0)
            {
                items.Add(item);
            }
            else
            {
                items[known] = item;
            }
        }

        if (items.Count > MaxCount)
        {
            throw new OtException($"A piece of text has {items.Count} attributes; {MaxCount} are allowed.");
        }

        return Create(items);
    }

    /// <summary>What results when formatting is changed: the second wins; a null takes away, or stays where the text is not known.</summary>
    public static AttributeMap? Compose(AttributeMap? first, AttributeMap? second, bool keepNull)
    {
        if (second is null || (first is null && (keepNull || !second.HasNull)))
        {
            return second ?? first;
        }

        var items = new List<KeyValuePair<string, byte[]>>();
        foreach (var item in second._items)
        {
            if (keepNull || !IsNull(item.Value))
            {
                items.Add(item);
            }
        }

        foreach (var item in first?._items ?? [])
        {
            if (second.Find(item.Key) is null)
            {
                items.Add(item);
            }
        }

        return items.Count > MaxCount ? throw new OtException($"A piece of text would have {items.Count} attributes; {MaxCount} are allowed.") : Create(items);
    }

    /// <summary>A change of formatting after a concurrent one: what the other has set stays when it has priority.</summary>
    public static AttributeMap? Transform(AttributeMap? other, AttributeMap? changed, bool priority)
    {
        if (other is null || changed is null || !priority)
        {
            return changed;
        }

        return Create([.. changed._items.Where(item => other.Find(item.Key) is null)]);
    }

    /// <summary>The change that takes a change back.</summary>
    public static AttributeMap? Invert(AttributeMap? change, AttributeMap? before)
    {
        var items = new List<KeyValuePair<string, byte[]>>();
        foreach (var item in before?._items ?? [])
        {
            if (change?.Find(item.Key) is { } set && !Equal(set, item.Value))
            {
                items.Add(item);
            }
        }

        foreach (var item in change?._items ?? [])
        {
            if (before?.Find(item.Key) is null)
            {
                items.Add(new(item.Key, NullValue));
            }
        }

        return Create(items);
    }

    /// <summary>The change that makes one formatting of another.</summary>
    public static AttributeMap? Diff(AttributeMap? before, AttributeMap? after)
    {
        var items = new List<KeyValuePair<string, byte[]>>();
        foreach (var item in before?._items ?? [])
        {
            var value = after?.Find(item.Key);
            if (value is null || !Equal(item.Value, value))
            {
                items.Add(new(item.Key, value ?? NullValue));
            }
        }

        foreach (var item in after?._items ?? [])
        {
            if (before?.Find(item.Key) is null)
            {
                items.Add(item);
            }
        }

        return Create(items);
    }

    public static bool Same(AttributeMap? first, AttributeMap? second) =>
        ReferenceEquals(first, second) || (first is not null && first.Equals(second));

    public bool Equals(AttributeMap? other)
    {
        if (other is null || other._items.Length != _items.Length)
        {
            return false;
        }

        foreach (var (key, value) in _items)
        {
            if (other.Find(key) is not { } found || !Equal(value, found))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as AttributeMap);

    public override int GetHashCode() => _items.Sum(item => item.Key.GetHashCode(StringComparison.Ordinal));

    public void WriteTo(IBufferWriter<byte> output)
    {
        output.Write("{"u8);
        var isFirst = true;
        foreach (var (key, value) in CanonicalJson.InOrder(_items, item => item.Key))
        {
            output.Write(isFirst ? [] : ","u8);
            JsonText.Write(output, key);
            output.Write(":"u8);
            output.Write(value);
            isFirst = false;
        }

        output.Write("}"u8);
    }

    /// <exception cref="OtException">A name or a value means something else to JavaScript clients.</exception>
    public void Check()
    {
        foreach (var (name, value) in _items)
        {
            if (ObjectMembers.IsShared(name))
            {
                throw new OtException($"An attribute must not be named '{name}', as which every JavaScript object has a member.");
            }

            ObjectMembers.Refuse(value);
        }
    }

    private int Measure()
    {
        var length = 1L + _items.Length;
        foreach (var (key, value) in _items)
        {
            length += 3 + JsonText.EncodedLength(key) + value.Length;
        }

        return (int)Math.Min(length, int.MaxValue);
    }

    private bool HasNull => _items.Any(item => IsNull(item.Value));

    private byte[]? Find(string key)
    {
        foreach (var item in _items)
        {
            if (item.Key == key)
            {
                return item.Value;
            }
        }

        return null;
    }

    private static AttributeMap? Create(List<KeyValuePair<string, byte[]>> items) => items.Count == 0 ? null : new AttributeMap([.. items]);

    /// <summary>Whether two JSON values are equal, whatever the order of keys in their objects.</summary>
    public static bool SameJson(byte[] first, byte[] second) => Equal(first, second);

    private static bool IsNull(byte[] value) => value.AsSpan().SequenceEqual(NullValue);

    // Equal bytes but for the order of keys in objects.
    private static bool Equal(byte[] first, byte[] second) => first.AsSpan().SequenceEqual(second)
        || (first[0] is (byte)'{' or (byte)'[' && second[0] == first[0] && first.Length == second.Length && DeepEqual(first, second));

    private static bool DeepEqual(byte[] first, byte[] second)
    {
        using var one = JsonDocument.Parse(first);
        using var other = JsonDocument.Parse(second);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
    }
}
