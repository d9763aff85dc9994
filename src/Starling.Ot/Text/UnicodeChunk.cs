namespace Starling.Ot.Text;

/// <summary>A piece of a text whose places are code points.</summary>
internal readonly struct UnicodeChunk(string text, int length) : IChunk<UnicodeChunk>
{
    /// <inheritdoc/>
    public static int Longest => 1024;

    public string Text { get; } = text;

    /// <inheritdoc/>
    public int Length { get; } = length;

    /// <inheritdoc/>
    public int EncodedLength => JsonText.EncodedLength(Text);

    /// <inheritdoc/>
    public static int SeamLength(in UnicodeChunk left, in UnicodeChunk right) => 0;

    /// <inheritdoc/>
    public UnicodeChunk Slice(int start, int length)
    {
        if (length == Length)
        {
            return this;
        }

        var from = Offset(Text, start);
        return new UnicodeChunk(Text.Substring(from, Offset(Text.AsSpan(from), length)), length);
    }

    /// <inheritdoc/>
    public bool TryJoin(in UnicodeChunk next, out UnicodeChunk joined)
    {
        var fits = Length + next.Length <= Longest;
        joined = fits ? new UnicodeChunk(Text + next.Text, Length + next.Length) : default;
        return fits;
    }

    // In most texts each unit is a character.
    private int Offset(ReadOnlySpan<char> text, int count) => Length == Text.Length ? count : CodePoints.LengthOf(text, count);
}
