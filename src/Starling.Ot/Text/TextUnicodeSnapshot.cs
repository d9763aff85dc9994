using System.Buffers;
using System.Text;

namespace Starling.Ot.Text;

/// <summary>A text at some version. An edit costs time logarithmic in its length, and versions share what they have in common.</summary>
public sealed class TextUnicodeSnapshot : IOtSnapshot
{
    private readonly ChunkTree<UnicodeChunk>? _chunks;

    private TextUnicodeSnapshot(ChunkTree<UnicodeChunk>? chunks) => _chunks = chunks;

    /// <summary>Code points.</summary>
    public long Length => ChunkTree<UnicodeChunk>.LengthOf(_chunks);

    /// <inheritdoc/>
    public long EncodedLength => 2 + ChunkTree<UnicodeChunk>.EncodedLengthOf(_chunks);

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("\""u8);
        foreach (var chunk in ChunkTree<UnicodeChunk>.Chunks(_chunks))
        {
            JsonText.WriteInside(output, chunk.Text);
        }

        output.Write("\""u8);
    }

    /// <summary>The text.</summary>
    /// <returns>All of it.</returns>
    public override string ToString() => Text(_chunks);

    internal static TextUnicodeSnapshot Of(string text) => new(Tree(text));

    /// <summary>Applies a change.</summary>
    /// <exception cref="OtException">The change goes beyond the end of the text.</exception>
    internal TextUnicodeSnapshot Apply(TextUnicodeOperation change)
    {
        ChunkTree<UnicodeChunk>? done = null;
        var rest = _chunks;
        foreach (var component in change.Components)
        {
            if (component.Kind == TextUnicodeKind.Insert)
            {
                done = ChunkTree<UnicodeChunk>.Concat(done, Tree(component.Text!));
                continue;
            }

            if (component.Length > ChunkTree<UnicodeChunk>.LengthOf(rest))
            {
                throw new OtException("The op is too long for this document");
            }

            var (taken, left) = ChunkTree<UnicodeChunk>.Split(rest, component.Length);
            rest = left;
            done = component.Kind == TextUnicodeKind.Skip ? ChunkTree<UnicodeChunk>.Concat(done, taken) : done;
        }

        return new TextUnicodeSnapshot(ChunkTree<UnicodeChunk>.Concat(done, rest));
    }

    /// <summary>A part of the text.</summary>
    internal string Slice(long start, long length)
    {
        var (_, from) = ChunkTree<UnicodeChunk>.Split(_chunks, start);
        return Text(ChunkTree<UnicodeChunk>.Split(from, length).Before);
    }

    private static ChunkTree<UnicodeChunk>? Tree(string text)
    {
        ChunkTree<UnicodeChunk>? tree = null;
        for (var start = 0; start < text.Length;)
        {
            var end = Math.Min(start + UnicodeChunk.Longest, text.Length);
            end -= end < text.Length && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
            var piece = text[start..end];
            tree = ChunkTree<UnicodeChunk>.Concat(tree, ChunkTree<UnicodeChunk>.Of(new UnicodeChunk(piece, CodePoints.Count(piece))));
            start = end;
        }

        return tree;
    }

    private static string Text(ChunkTree<UnicodeChunk>? tree)
    {
        var text = new StringBuilder();
        foreach (var chunk in ChunkTree<UnicodeChunk>.Chunks(tree))
        {
            text.Append(chunk.Text);
        }

        return text.ToString();
    }
}
