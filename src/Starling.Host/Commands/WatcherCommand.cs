using System.CommandLine;
using Starling.Host.Serving;

namespace Starling.Host.Commands;

/// <summary><c>starling apps watcher</c>: one process of the watcher. Its process file starts them all.</summary>
internal static class WatcherCommand
{
    private const string Worker = "worker";
    private const string Master = "master";

    public static Command Create()
    {
        var role = new Option<string>("--role") { Description = "worker: takes visitors' moves; master: collects and shows them.", HelpName = $"{Worker}|{Master}", Required = true };
        role.AcceptOnlyFromAmong(Worker, Master);
        var data = new Option<string?>("--data") { Description = $"Folder of the master's password and sessions. Default: {DataFolder.DefaultPath}", HelpName = "folder" };
        var command = new Command("watcher", "One process of the watcher; 'starling start apps/Watcher/process.json' runs them all.") { role, data };
        command.SetAction((parsed, cancellationToken) => parsed.GetRequiredValue(role) == Worker
            ? WatcherProcess.RunAsync(WatcherProcess.Worker, cancellationToken)
            : WatcherProcess.RunAsync(() => WatcherProcess.Master(parsed.GetValue(data)), cancellationToken));
        return command;
    }
}
