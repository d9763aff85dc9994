using System.Globalization;
using System.Text.RegularExpressions;

namespace Starling.Apps.Exchange.Trading;

/// <summary>How many clients an exchange can bear: a process that runs out of file descriptors is lost.</summary>
internal static partial class ConnectionLimit
{
    private const int Most = 10_000;
    private const int WhereUnknown = 1_000;

    /// <summary>Half of the descriptors; the rest is for the books, the feed, its recovery and the runtime.</summary>
    public static int Default { get; } = Read("/proc/self/limits");

    private static int Read(string file)
    {
        if (!File.Exists(file))
        {
            return WhereUnknown;
        }

        var soft = OpenFiles().Match(File.ReadAllText(file)).Groups[1].ValueSpan;
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptors) ? (int)Math.Clamp(descriptors / 2, 1, Most) : Most;
    }

    [GeneratedRegex(@"^Max open files\s+(\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex OpenFiles();
}
