using System.Buffers;

namespace Starling.Ot.Json;

/// <summary>A list; changing, inserting, deleting and moving an item cost time logarithmic in its length.</summary>
internal sealed class JsonTreeList : JsonTree
{
    private static readonly JsonTreeList Empty = new(null);

    private readonly ChunkTree<JsonListChunk>? _items;

    private JsonTreeList(ChunkTree<JsonListChunk>? items) => _items = items;

    public long Count => ChunkTree<JsonListChunk>.LengthOf(_items);

    internal override long EncodedLength => 2 + ChunkTree<JsonListChunk>.EncodedLengthOf(_items);

    internal override int Depth => 1 + Items().Select(item => item.Depth).DefaultIfEmpty().Max();

    public static JsonTreeList Of(List<JsonTree> items) =>
        items.Count == 0 ? Empty : new JsonTreeList(ChunkTree<JsonListChunk>.Of(new JsonListChunk([.. items])));

    public override void WriteTo(IBufferWriter<byte> output)
    {
        output.Write("["u8);
        var isFirst = true;
        foreach (var chunk in ChunkTree<JsonListChunk>.Chunks(_items))
        {
            foreach (var item in chunk.Items)
            {
                output.Write(isFirst ? [] : ","u8);
                item.WriteTo(output);
                isFirst = false;
            }
        }

        output.Write("]"u8);
    }

    public JsonTree? At(long index)
    {
        if (_items is null || index < 0 || index >= _items.Length)
        {
            return null;
        }

        var (chunk, offset) = _items.Find(index);
        return chunk.Items[offset];
    }

    public JsonTreeList With(long index, JsonTree value)
    {
        var (chunk, offset) = _items!.Find(index);
        return new JsonTreeList(_items.Replace(index, chunk.With(offset, value)));
    }

    public JsonTreeList Insert(long index, JsonTree value)
    {
        var (before, after) = ChunkTree<JsonListChunk>.Split(_items, index);
        var item = ChunkTree<JsonListChunk>.Of(new JsonListChunk([value]));
        return new JsonTreeList(ChunkTree<JsonListChunk>.Concat(ChunkTree<JsonListChunk>.Concat(before, item), after));
    }

    public JsonTreeList RemoveAt(long index)
    {
        var (before, rest) = ChunkTree<JsonListChunk>.Split(_items, index);
        var (_, after) = ChunkTree<JsonListChunk>.Split(rest, 1);
        return new JsonTreeList(ChunkTree<JsonListChunk>.Concat(before, after));
    }

    internal override JsonTree? Find(Json0Segment segment) => segment.AsIndex() is { } index ? At(index) : null;

    internal override JsonTree With(Json0Segment segment, JsonTree value) => With(segment.AsIndex()!.Value, value);

    private IEnumerable<JsonTree> Items() => ChunkTree<JsonListChunk>.Chunks(_items).SelectMany(chunk => chunk.Items);
}
