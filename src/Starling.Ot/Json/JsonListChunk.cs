namespace Starling.Ot.Json;

/// <summary>A few neighbouring items of a list.</summary>
internal readonly struct JsonListChunk(JsonTree[] items) : IChunk<JsonListChunk>
{
    /// <inheritdoc/>
    public static int Longest => 32;

    public JsonTree[] Items { get; } = items;

    /// <inheritdoc/>
    public int Length => Items.Length;

    /// <inheritdoc/>
    public int EncodedLength
    {
        get
        {
            var length = Items.Length - 1L;
            foreach (var item in Items)
            {
                length += item.EncodedLength;
            }

            return (int)Math.Min(length, int.MaxValue);
        }
    }

    /// <inheritdoc/>
    public static int SeamLength(in JsonListChunk left, in JsonListChunk right) => 1;

    /// <inheritdoc/>
    public JsonListChunk Slice(int start, int length) => length == Items.Length ? this : new JsonListChunk(Items[start..(start + length)]);

    /// <inheritdoc/>
    public bool TryJoin(in JsonListChunk next, out JsonListChunk joined)
    {
        var fits = Items.Length + next.Items.Length <= Longest;
        joined = fits ? new JsonListChunk([.. Items, .. next.Items]) : default;
        return fits;
    }

    /// <summary>The same with one item changed.</summary>
    public JsonListChunk With(int index, JsonTree item)
    {
        var items = Items.AsSpan().ToArray();
        items[index] = item;
        return new JsonListChunk(items);
    }
}
