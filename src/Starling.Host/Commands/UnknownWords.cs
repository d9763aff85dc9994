using System.CommandLine;
using System.CommandLine.Parsing;
using Starling.Supervisor.Configuration;

namespace Starling.Host.Commands;

/// <summary>Refuses words that look like options and are not. A command would otherwise take them for its own arguments.</summary>
internal static class UnknownWords
{
    private const int Failed = 1;

    /// <summary>Finds the first option that the command does not have.</summary>
    /// <returns>The message for the user; null when every option is known.</returns>
    public static string? Find(ParseResult parsed)
    {
        var command = parsed.CommandResult;
        var words = command.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Except(AfterDashes(parsed), ReferenceEqualityComparer.Instance).Cast<Token>();
        return words.Select(word => word.Value).Concat(parsed.UnmatchedTokens.TakeWhile(word => word != "--")).FirstOrDefault(IsOption) is { } unknown
            ? Text(unknown, command)
            : null;
    }

    /// <summary>The exit code of a command line that is refused.</summary>
    public static int ExitCode(ParseResult parsed) => parsed.CommandResult.Command.Name == "logreport" ? Starling.Apps.LogReport.ExitCode.Usage : Failed;

    /// <summary>The words after <c>--</c>: they belong to the program that the command starts.</summary>
    public static IReadOnlyList<Token> AfterDashes(ParseResult parsed) => [.. parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1)];

    // A lone dash is standard input; numbers below zero are numbers.
    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);

    private static string Text(string word, CommandResult result)
    {
        var command = result.Command;
        var name = word.Split('=')[0];
        var path = Path(result);
        if (command.Name == "start" && AppRequest.WhyWithoutEffect(name.TrimStart('-').Replace("no-", "", StringComparison.Ordinal)) is { } reason)
        {
            return $"'{name}' is not an option of '{path}': {reason}. Leave it out.";
        }

        var names = command.Options.SelectMany(option => option.Aliases.Append(option.Name)).Where(option => option.StartsWith("--", StringComparison.Ordinal));
        var hint = NearestName.Find(name, names) is { } near ? $"did you mean '{near}'?" : $"'{path} --help' lists the options.";
        return $"There is no option '{name}' of '{path}'; {hint}" + (command.Name == "start" ? " Arguments of the script stand after '--'." : "");
    }

    private static string Path(CommandResult result) => result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "starling";
}
