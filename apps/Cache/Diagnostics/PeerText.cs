using System.Globalization;

namespace Starling.Apps.Cache.Diagnostics;

/// <summary>A text that may come from a stranger. It is logged so that it can neither steer the terminal nor begin a line of its own.</summary>
internal readonly record struct PeerText(string? Text)
{
    private const int MaxLength = 512;

    public static implicit operator PeerText(string? text) => new(text);

    public override string ToString() => string.Concat((Text ?? "").Take(MaxLength).Select(Escape));

    private static string Escape(char letter) => char.GetUnicodeCategory(letter) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}")
            : letter.ToString();
}
