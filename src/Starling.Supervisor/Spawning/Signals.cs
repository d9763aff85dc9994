using System.Globalization;

namespace Starling.Supervisor.Spawning;

/// <summary>Names of signals and their numbers on this system; on Windows, which has none, those of Linux.</summary>
public static class Signals
{
    private static readonly Dictionary<string, int> Numbers = OperatingSystem.IsMacOS()
        ? new(StringComparer.OrdinalIgnoreCase)
        {
            ["HUP"] = 1,
            ["INT"] = 2,
            ["QUIT"] = 3,
            ["ILL"] = 4,
            ["TRAP"] = 5,
            ["ABRT"] = 6,
            ["FPE"] = 8,
            ["KILL"] = 9,
            ["BUS"] = 10,
            ["SEGV"] = 11,
            ["PIPE"] = 13,
            ["ALRM"] = 14,
            ["TERM"] = 15,
            ["URG"] = 16,
            ["STOP"] = 17,
            ["TSTP"] = 18,
            ["CONT"] = 19,
            ["CHLD"] = 20,
            ["TTIN"] = 21,
            ["TTOU"] = 22,
            ["XCPU"] = 24,
            ["XFSZ"] = 25,
            ["WINCH"] = 28,
            ["USR1"] = 30,
            ["USR2"] = 31,
        }
        : new(StringComparer.OrdinalIgnoreCase)
        {
            ["HUP"] = 1,
            ["INT"] = 2,
            ["QUIT"] = 3,
            ["ILL"] = 4,
            ["TRAP"] = 5,
            ["ABRT"] = 6,
            ["BUS"] = 7,
            ["FPE"] = 8,
            ["KILL"] = 9,
            ["USR1"] = 10,
            ["SEGV"] = 11,
            ["USR2"] = 12,
            ["PIPE"] = 13,
            ["ALRM"] = 14,
            ["TERM"] = 15,
            ["CHLD"] = 17,
            ["CONT"] = 18,
            ["STOP"] = 19,
            ["TSTP"] = 20,
            ["TTIN"] = 21,
            ["TTOU"] = 22,
            ["URG"] = 23,
            ["XCPU"] = 24,
            ["XFSZ"] = 25,
            ["WINCH"] = 28,
            ["PWR"] = 30,
            ["SYS"] = 31,
        };

    internal static int Term => 15;

    internal static int Kill => 9;

    internal static int Stop => Numbers["STOP"];

    /// <summary>Number of a signal given as <c>SIGTERM</c>, <c>TERM</c> or <c>15</c>, in any case.</summary>
    /// <exception cref="ArgumentException">There is no such signal; the message names those there are.</exception>
    public static int Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 64)
        {
            return number;
        }

        var bare = name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        return Numbers.TryGetValue(bare, out number)
            ? number
            : throw new ArgumentException($"There is no signal '{name}'. Signals are {string.Join(", ", Numbers.Keys.Select(key => "SIG" + key))}, or a number from 1 to 64.");
    }

    /// <summary>Name of a signal, such as <c>SIGTERM</c>.</summary>
    public static string Name(int number) =>
        Numbers.FirstOrDefault(pair => pair.Value == number).Key is { } name ? "SIG" + name : $"signal {number}";
}
