using System.Globalization;
using System.Text;

namespace Starling.Apps.Questions;

/// <summary>What may be asked and answered.</summary>
internal static class QuestionRules
{
    public const int MaxQuestionLength = 300;
    public const int MaxAnswerLength = 2_000;
    public const int MaxAuthorLength = 40;
    public const int MaxQuestions = 10_000;
    public const string Anonymous = "Someone";

    /// <summary>What is wrong with a text, or null.</summary>
    public static Refusal? Check(string? text, int maxLength)
    {
        if (string.IsNullOrWhiteSpace(text) || Key(text).Length == 0)
        {
            return new Refusal("Write something first.", "empty");
        }

        return new StringInfo(text.Trim()).LengthInTextElements > maxLength || text.Length > maxLength * 4
            ? new Refusal($"This is too long; {maxLength} characters are enough for everyone to read.", "too-long")
            : null;
    }

    /// <summary>The name an author goes by.</summary>
    public static string Author(string? name)
    {
        var trimmed = Clean(name ?? "");
        return trimmed.Length == 0 ? Anonymous : trimmed.Length <= MaxAuthorLength ? trimmed : trimmed[..MaxAuthorLength];
    }

    /// <summary>The text without blanks around it and without control characters but line breaks.</summary>
    public static string Clean(string text) => string.Concat(text.Trim().Where(c => c == '\n' || !char.IsControl(c)));

    /// <summary>What two questions have in common that are the same to people: letters and digits, whatever their case and form.</summary>
    public static string Key(string text)
    {
        var key = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.MathSymbol or UnicodeCategory.OtherSymbol or UnicodeCategory.CurrencySymbol)
            {
                key.Append(Rune.ToLowerInvariant(rune));
            }
        }

        return key.ToString();
    }
}
