using System.Globalization;
using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>Values of a process file as what their keys need, or the error that says what is allowed.</summary>
internal static class ConfigValues
{
    public static string Text(ConfigNode node, string expected = "a text") => node.Kind switch
    {
        ConfigNodeKind.Text when node.Text.Length > 0 => node.Text,
        _ => throw new ConfigValueException(expected, node),
    };

    /// <summary>A text, or a number as one: names of users, ports.</summary>
    public static string TextOrNumber(ConfigNode node, string expected) =>
        node.Kind is ConfigNodeKind.Number ? node.AsVariable() : Text(node, expected);

    public static bool Flag(ConfigNode node) => node switch
    {
        { Kind: ConfigNodeKind.Flag } => node.Flag,
        { Typed: true, Text: "true" } => true,
        { Typed: true, Text: "false" } => false,
        _ => throw new ConfigValueException("true or false", node),
    };

    public static int Whole(ConfigNode node, int least = 0, int most = int.MaxValue)
    {
        var expected = (least, most) switch
        {
            (int.MinValue, _) => "a whole number",
            (_, int.MaxValue) => $"a whole number, {least} or more",
            _ => $"a whole number from {least} to {most}",
        };
        var number = Number(node, expected);
        return number == Math.Truncate(number) && number >= least && number <= most ? (int)number : throw new ConfigValueException(expected, node);
    }

    /// <summary>Milliseconds, or a text with a unit.</summary>
    public static TimeSpan Duration(ConfigNode node, double leastMilliseconds = 0)
    {
        const string Expected = "milliseconds or a time such as \"500ms\", \"10s\", \"5m\", \"1h\" or \"7d\"";
        var time = node.Kind switch
        {
            ConfigNodeKind.Number when Math.Abs(node.Number) < 1e13 => TimeSpan.FromMilliseconds(node.Number),
            ConfigNodeKind.Text when Durations.TryParse(node.Text, out var parsed) => parsed,
            _ => throw new ConfigValueException(Expected, node),
        };
        return time.TotalMilliseconds >= leastMilliseconds
            ? time
            : throw new ConfigValueException($"{Expected}, {leastMilliseconds} ms or more", node);
    }

    /// <summary>Bytes, or a text with a unit of 1024s.</summary>
    public static long Size(ConfigNode node) => node.Kind switch
    {
        ConfigNodeKind.Number when node.Number is >= 0 and < 1e18 => (long)node.Number,
        ConfigNodeKind.Text when ByteSizes.TryParse(node.Text, out var size) => size,
        _ => throw new ConfigValueException("a number of bytes or a size such as \"200M\", \"1G\" or \"512K\"", node),
    };

    /// <summary>A list of texts; a text alone is a list of one.</summary>
    public static IReadOnlyList<string> List(ConfigNode node) => node.Kind switch
    {
        ConfigNodeKind.Text when node.Text.Length > 0 => [node.Text],
        ConfigNodeKind.List => [.. node.Items.Select((item, at) => Item(item, node, at))],
        _ => throw new ConfigValueException("a text or a list of texts", node),
    };

    /// <summary>Arguments: a list, or a text that is taken apart as a shell does.</summary>
    public static IReadOnlyList<string> Arguments(ConfigNode node)
    {
        if (node.Kind is not ConfigNodeKind.Text)
        {
            return node.Kind is ConfigNodeKind.Number or ConfigNodeKind.List
                ? node.Kind is ConfigNodeKind.Number ? [node.AsVariable()] : List(node)
                : throw new ConfigValueException("a text or a list of texts", node);
        }

        return ShellWords.TrySplit(node.Text, out var words) ? words : throw new ConfigValueException("a text whose quotes are closed", node);
    }

    public static IReadOnlyList<int> WholeNumbers(ConfigNode node) => node.Kind switch
    {
        ConfigNodeKind.List => [.. node.Items.Select(item => Whole(item, int.MinValue))],
        ConfigNodeKind.Text when node.Typed => [.. node.Text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(code => Whole(ConfigNode.OfTyped(code), int.MinValue))],
        _ => [Whole(node, int.MinValue)],
    };

    /// <summary>Environment variables; a value that is an object becomes JSON, null is left out.</summary>
    public static IReadOnlyDictionary<string, string> Variables(ConfigNode node)
    {
        if (node.Typed)
        {
            return TypedVariables(node);
        }

        return node.Kind is ConfigNodeKind.Object
            ? node.Members.Where(member => member.Value.Kind != ConfigNodeKind.Null).ToDictionary(member => member.Key, member => member.Value.AsVariable())
            : throw new ConfigValueException("an object of environment variables: { \"NAME\": \"value\" }", node);
    }

    private static Dictionary<string, string> TypedVariables(ConfigNode node)
    {
        var (name, value) = node.Text.IndexOf('=') is > 0 and var at
            ? (node.Text[..at], node.Text[(at + 1)..])
            : throw new ConfigValueException("a variable with its value: NAME=value", node);
        return new Dictionary<string, string> { [name] = value };
    }

    private static string Item(ConfigNode item, ConfigNode list, int at) => item.Kind switch
    {
        ConfigNodeKind.Text or ConfigNodeKind.Number or ConfigNodeKind.Flag => item.AsVariable(),
        _ => throw new ConfigValueException("a text", item.Line > 0 ? item : list, $"[{at}]"),
    };

    private static double Number(ConfigNode node, string expected) => node.Kind switch
    {
        ConfigNodeKind.Number => node.Number,
        ConfigNodeKind.Text when double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new ConfigValueException(expected, node),
    };
}
