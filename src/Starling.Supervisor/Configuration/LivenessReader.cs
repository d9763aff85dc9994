using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>Reads the key <c>liveness</c>: an object, or the address alone.</summary>
internal static class LivenessReader
{
    private const string Expected = "an address such as \"http://127.0.0.1:{PORT}/health\" or \"tcp://127.0.0.1:6379\"";

    public static LivenessConfig Read(ConfigNode node)
    {
        if (node.Kind is ConfigNodeKind.Text)
        {
            return new LivenessConfig { Url = Url(node) };
        }

        if (node.Kind is not ConfigNodeKind.Object)
        {
            throw new ConfigValueException(Expected + ", or an object with url, interval, timeout and failures", node);
        }

        var url = node.Members.FirstOrDefault(member => member.Key == "url")?.Value
            ?? throw new ConfigValueException("an object with the key url, " + Expected, node);
        var liveness = new LivenessConfig { Url = Url(url) };
        foreach (var (key, value, line, column) in node.Members)
        {
            liveness = key switch
            {
                "url" => liveness,
                "interval" => liveness with { Interval = ConfigValues.Duration(value, 10) },
                "timeout" => liveness with { Timeout = ConfigValues.Duration(value, 10) },
                "failures" => liveness with { Failures = ConfigValues.Whole(value, 1) },
                _ => throw new ConfigValueException(
                    $"an object with url, interval, timeout and failures; \"{key}\" is none of them",
                    new ConfigNode { Kind = ConfigNodeKind.Text, Text = key, Line = line, Column = column }),
            };
        }

        return liveness;
    }

    private static string Url(ConfigNode node)
    {
        var url = ConfigValues.Text(node, Expected);
        return url.StartsWith("http://", StringComparison.Ordinal) || url.StartsWith("https://", StringComparison.Ordinal) || url.StartsWith("tcp://", StringComparison.Ordinal)
            ? url
            : throw new ConfigValueException(Expected, node, ".url");
    }
}
