namespace Starling.Ot.Text;

/// <summary>A piece of a text whose places are UTF-16 units.</summary>
internal readonly struct Utf16Chunk(string text) : IChunk<Utf16Chunk>
{
    /// <inheritdoc/>
    public static int Longest => 1024;

    public string Text { get; } = text;

    /// <inheritdoc/>
    public int Length => Text.Length;

    /// <inheritdoc/>
    public int EncodedLength => JsonText.EncodedLength(Text);

    /// <inheritdoc/>
    public static int SeamLength(in Utf16Chunk left, in Utf16Chunk right) => JsonText.SeamLength(left.Text, right.Text);

    /// <inheritdoc/>
    public Utf16Chunk Slice(int start, int length) => length == Text.Length ? this : new Utf16Chunk(Text.Substring(start, length));

    /// <inheritdoc/>
    public bool TryJoin(in Utf16Chunk next, out Utf16Chunk joined)
    {
        var fits = Text.Length + next.Text.Length <= Longest;
        joined = fits ? new Utf16Chunk(Text + next.Text) : default;
        return fits;
    }
}
