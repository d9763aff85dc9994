using System.Globalization;

namespace Starling.Apps.Cache.Console;

/// <summary>Reads what is typed.</summary>
internal static class CommandParser
{
    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["grab"] = "grab URL [&]",
        ["get"] = "get N [> FILE]",
        ["list"] = "list",
        ["delete"] = "delete [N]",
        ["stats"] = "stats",
        ["help"] = "help",
        ["stop"] = "stop",
    };

    public static IReadOnlyCollection<string> Names => Forms.Keys;

    /// <summary>Reads a line.</summary>
    /// <exception cref="CacheException">It is no command; the message says what is wrong and what was probably meant.</exception>
    public static ConsoleCommand Parse(string line)
    {
        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            [] => new ConsoleCommand.Nothing(),
            ["grab", var url] when url != "&" => new ConsoleCommand.Grab(url, false),
            ["grab", var url, "&"] => new ConsoleCommand.Grab(url, true),
            ["get", var number] when !number.Contains('>', StringComparison.Ordinal) => new ConsoleCommand.Get(Number(number), null),
            ["get", ..] when line.Contains('>', StringComparison.Ordinal) => ToFile(line),
            ["list"] => new ConsoleCommand.ShowList(),
            ["delete"] => new ConsoleCommand.Delete(null),
            ["delete", var number] => new ConsoleCommand.Delete(Number(number)),
            ["stats"] => new ConsoleCommand.Stats(),
            ["help"] => new ConsoleCommand.Help(),
            ["stop"] => new ConsoleCommand.Stop(),
            [var name, ..] => throw new CacheException(CacheError.BadCommand, Explain(name)),
        };
    }

    /// <summary>Reads the number of an entry.</summary>
    /// <exception cref="CacheException">It is none.</exception>
    public static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new CacheException(CacheError.BadCommand, $"'{text}' is no number of an entry; list shows them.");

    private static ConsoleCommand.Get ToFile(string line)
    {
        // The name of a file may have blanks in it.
        var arrow = line.IndexOf('>', StringComparison.Ordinal);
        var words = line[..arrow].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var file = line[(arrow + 1)..].Trim();
        return words.Length == 2 && file.Length > 0
            ? new ConsoleCommand.Get(Number(words[1]), FileName.Read(file))
            : throw new CacheException(CacheError.BadCommand, Explain("get"));
    }

    private static string Explain(string name)
    {
        if (Forms.TryGetValue(name, out var form))
        {
            return $"'{name}' is written: {form}";
        }

        return NearestName.Of(name.ToLowerInvariant(), Forms.Keys) is { } nearest
            ? $"There is no command '{name}'; is '{nearest}' meant? It is written: {Forms[nearest]}"
            : $"There is no command '{name}'; there are {string.Join(", ", Forms.Keys)}.";
    }
}
