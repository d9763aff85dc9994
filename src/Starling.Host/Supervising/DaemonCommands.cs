using System.CommandLine;
using Microsoft.Extensions.Logging.Console;
using Starling.Supervisor;
using Starling.Supervisor.Control;
using Starling.Supervisor.Keeping;

namespace Starling.Host.Supervising;

/// <summary>The two processes behind the commands, which start them when they are needed; a service manager starts the keeper.</summary>
internal static class DaemonCommands
{
    private const int Failed = 1;

    public static Command CreateKeeper()
    {
        var hasDaemon = new Option<bool>("--has-daemon") { Description = "A daemon that lost its keeper is at the other end of descriptor 3." };
        var command = new Command("keeper", "Run the supervisor and keep it up. Started by itself when it is needed.") { hasDaemon };
        command.Hidden = true;
        command.SetAction(async (parsed, _) =>
        {
            using var logs = Logs();
            try
            {
                var folder = new SupervisorFolder();
                await Keeper.RunAsync(
                    new KeeperOptions { Daemon = SelfProgram.Background(folder, "daemon"), LockFile = folder.KeeperLockFile, Log = logs.CreateLogger("Starling.Keeper") },
                    parsed.GetValue(hasDaemon));
                return 0;
            }
            catch (IOException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return Failed;
            }
        });
        return command;
    }

    public static Command CreateDaemon()
    {
        var command = new Command("daemon", "Run the supervisor behind its keeper.") { Hidden = true };
        command.SetAction(async (_, _) =>
        {
            using var logs = Logs();
            try
            {
                var folder = new SupervisorFolder();
                await Daemon.RunAsync(new DaemonOptions
                {
                    Supervisor = new SupervisorOptions { Folder = folder.Path, LoggerFactory = logs },
                    Keeper = SelfProgram.Background(folder, "keeper", "--has-daemon"),
                });
                return 0;
            }
            catch (Exception exception) when (exception is IOException or SupervisorException)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return Failed;
            }
        });
        return command;
    }

    private static ILoggerFactory Logs() => LoggerFactory.Create(builder => builder.AddSimpleConsole(console =>
    {
        console.SingleLine = true;
        console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffzzz ";
        console.ColorBehavior = LoggerColorBehavior.Disabled;
    }));
}
