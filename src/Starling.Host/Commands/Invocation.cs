using System.CommandLine;
using Starling.Host.Supervising;

namespace Starling.Host.Commands;

/// <summary>How commands are run.</summary>
internal static class Invocation
{
    private static readonly string[] EndByThemselves = ["serve", "daemon", "keeper"];

    /// <summary>Signals end a command two seconds after they came. Servers drain, and supervisors stop their workers, for as long as their settings say.</summary>
    public static InvocationConfiguration Of(ParseResult parsed)
    {
        var configuration = new InvocationConfiguration();
        if (EndByThemselves.Contains(parsed.CommandResult.Command.Name) || StartCommand.StaysInForeground(parsed))
        {
            configuration.ProcessTerminationTimeout = TimeSpan.FromDays(1);
        }

        return configuration;
    }
}
