using System.Globalization;

namespace Starling.Messaging.Diagnostics;

/// <summary>
/// A text that may come from a stranger, such as a peer's name. As a value of a log message it can neither steer a terminal nor begin a line of its
/// own: control and format characters are written as <c>\u001b</c>, and no more than 512 characters are. It costs nothing where the message is not
/// logged.
/// </summary>
/// <param name="Text">The text as it came; null counts as empty.</param>
public readonly record struct PeerText(string? Text)
{
    private const int MaxLength = 512;

    /// <summary>Marks a text.</summary>
    /// <param name="text">The text as it came.</param>
    public static implicit operator PeerText(string? text) => new(text);

    /// <summary>The text as it may be shown.</summary>
    public override string ToString() => string.Concat((Text ?? "").Take(MaxLength).Select(Escape));

    private static string Escape(char letter) => char.GetUnicodeCategory(letter) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}")
            : letter.ToString();
}
