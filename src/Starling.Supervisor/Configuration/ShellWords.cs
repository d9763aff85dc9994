using System.Text;

namespace Starling.Supervisor.Configuration;

/// <summary>Takes a command line apart as a shell does: at spaces, except within quotes or after a backslash; nothing is expanded.</summary>
public static class ShellWords
{
    /// <summary>Splits a line; false when a quote is not closed.</summary>
    public static bool TrySplit(string line, out IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(line);
        var found = new List<string>();
        words = found;
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var character = line[i];
            if (character == '\\' && quote != '\'' && i + 1 < line.Length && Escapes(line[i + 1], quote))
            {
                word.Append(line[++i]);
                inWord = true;
            }
            else if (quote != '\0')
            {
                quote = character == quote ? '\0' : Append(word, character, quote);
            }
            else if (character is '"' or '\'')
            {
                quote = character;
                inWord = true;
            }
            else if (!char.IsWhiteSpace(character))
            {
                word.Append(character);
                inWord = true;
            }
            else if (inWord)
            {
                found.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }

        if (inWord)
        {
            found.Add(word.ToString());
        }

        return quote == '\0';
    }

    // Within double quotes a backslash escapes only what would have a meaning there, so paths of Windows and regular expressions keep theirs.
    private static bool Escapes(char next, char quote) => quote == '"' ? next is '"' or '\\' or '$' or '`' : next is '"' or '\'' or '\\' or ' ';

    private static char Append(StringBuilder word, char character, char quote)
    {
        word.Append(character);
        return quote;
    }
}
