using System.Globalization;
using System.Text;

namespace Starling.Apps.LogReport.Output;

/// <summary>Text of a log for a terminal. Anyone can write into a log by asking for a path; nothing of it may steer the terminal.</summary>
internal static class Printable
{
    /// <param name="text">UTF-8; other bytes are replaced.</param>
    public static string Of(ReadOnlySpan<byte> text) => Of(Encoding.UTF8.GetString(text));

    public static string Of(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? result.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : result.Append(c);
        }

        return result.ToString();
    }
}
