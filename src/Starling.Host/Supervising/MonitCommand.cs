using System.CommandLine;
using Starling.Supervisor;

namespace Starling.Host.Supervising;

/// <summary><c>starling monit</c>: what runs, live, with the log of the chosen process and keys to act on it.</summary>
internal static class MonitCommand
{
    public static Command Create()
    {
        var command = new Command("monit", "Watch what runs, live.");
        command.SetAction((_, cancellationToken) => SupervisorCall.RunAsync(
            supervisor => Console.IsOutputRedirected || Console.IsInputRedirected
                ? throw new SupervisorException("monit needs a terminal. 'starling list --json' and 'starling web' are for programs.")
                : new MonitScreen(supervisor).RunAsync(cancellationToken),
            cancellationToken));
        return command;
    }
}
