using System.Globalization;
using System.Text;

namespace Starling.Apps.Editor.Library;

/// <summary>The name of a text, which is the last part of its address too.</summary>
internal sealed record DocumentName
{
    public const int MaxLength = 80;

    private DocumentName(string text)
    {
        Text = text;
        Key = text.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
    }

    /// <summary>The name as people see it.</summary>
    public string Text { get; }

    /// <summary>What two names have in common that are the same to people.</summary>
    public string Key { get; }

    /// <exception cref="EditorException">No text can have that name.</exception>
    public static DocumentName Parse(string? text)
    {
        var trimmed = text?.Trim() ?? "";
        return Check(trimmed) is { } problem ? throw new EditorException(400, "bad-name", problem) : new DocumentName(trimmed);
    }

    private static string? Check(string text)
    {
        if (text.Length == 0)
        {
            return "Give the document a name.";
        }

        if (new StringInfo(text).LengthInTextElements > MaxLength || text.Length > 4 * MaxLength)
        {
            return $"A name has at most {MaxLength} characters.";
        }

        return text is "." or ".." || text.Any(c => c is '/' or '\\' || char.IsControl(c)) || text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar)
            ? "A name is no '.' or '..' and has no slash, backslash or control character."
            : null;
    }
}
