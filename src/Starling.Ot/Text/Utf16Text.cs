using System.Buffers;
using System.Text;

namespace Starling.Ot.Text;

/// <summary>
/// A text whose places are UTF-16 units, as in JavaScript. A short one is a string; a long one is in pieces, so that an edit does not copy it.
/// Immutable.
/// </summary>
internal sealed class Utf16Text : IOtSnapshot
{
    public static readonly Utf16Text Empty = new("", null);

    private readonly string? _short;
    private readonly ChunkTree<Utf16Chunk>? _long;
    private int _shortEncodedLength;

    private Utf16Text(string? shortText, ChunkTree<Utf16Chunk>? longText)
    {
        _short = shortText;
        _long = longText;
    }

    /// <inheritdoc/>
    public long EncodedLength =>
        2 + (_short is null ? _long!.EncodedLength : _shortEncodedLength > 0 ? _shortEncodedLength : _shortEncodedLength = JsonText.EncodedLength(_short));

    public long Length => _short?.Length ?? _long!.Length;

    public static Utf16Text Of(string text) => text.Length switch
    {
        0 => Empty,
        <= 1024 => new(text, null),
        _ => new(null, ChunkTree<Utf16Chunk>.Of(new Utf16Chunk(text))),
    };

    /// <summary>The text with a part taken out or something put in.</summary>
    /// <param name="offset">Where; at most the length.</param>
    /// <param name="deleted">How many units are taken out; no more than there are.</param>
    /// <param name="inserted">What is put in.</param>
    public Utf16Text Splice(long offset, int deleted, string inserted)
    {
        if (_short is not null)
        {
            var at = (int)offset;
            return Of(string.Concat(_short.AsSpan(0, at), inserted, _short.AsSpan(at + deleted)));
        }

        var (before, rest) = ChunkTree<Utf16Chunk>.Split(_long, offset);
        var (_, after) = ChunkTree<Utf16Chunk>.Split(rest, deleted);
        var middle = ChunkTree<Utf16Chunk>.Of(new Utf16Chunk(inserted));
        var joined = ChunkTree<Utf16Chunk>.Concat(ChunkTree<Utf16Chunk>.Concat(before, middle), after);
        return joined is null ? Empty : new Utf16Text(null, joined);
    }

    /// <summary>A part of the text.</summary>
    public string Slice(long offset, long length)
    {
        if (_short is not null)
        {
            return _short.Substring((int)offset, (int)length);
        }

        var (_, from) = ChunkTree<Utf16Chunk>.Split(_long, offset);
        return Join(ChunkTree<Utf16Chunk>.Split(from, length).Before);
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output) => JsonText.Write(output, ToString());

    public override string ToString() => _short ?? Join(_long);

    private static string Join(ChunkTree<Utf16Chunk>? tree)
    {
        var text = new StringBuilder((int)ChunkTree<Utf16Chunk>.LengthOf(tree));
        ChunkTree<Utf16Chunk>.Visit(tree, text, static (chunk, all) => all.Append(chunk.Text));
        return text.ToString();
    }
}
