using System.CommandLine;
using Spectre.Console;
using Starling.Host.Commands;
using Starling.Host.Supervising;

if (LogReportCommand.IsWorker(args))
{
    return Starling.Apps.LogReport.LogReportApp.Work();
}

// Into a file or a pipe goes text that another program can read: no colours, no lines broken at the width of a terminal that is not there.
if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = 500;
    AnsiConsole.Profile.Capabilities.Ansi = false;
    AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
}

var root = new RootCommand("Starling: a real-time application server. Socket.IO, channels (Mercure), and applications built on them, in one program.")
{
    ServeCommand.Create(),
    PublishCommand.Create(),
    new Command("apps", "Applications of the console.") { CacheCommand.Create(), ExchangeCommand.Create(), LogReportCommand.Create(), WatcherCommand.Create() },
    StartCommand.Create(),
    MonitCommand.Create(),
    WebCommand.Create(),
    UpdateCommand.Create(),
    StartupCommand.Create(),
    StartupCommand.CreateRemoval(),
    InitCommand.Create(),
    CompletionCommand.Create(),
    DaemonCommands.CreateKeeper(),
    DaemonCommands.CreateDaemon(),
};
foreach (var command in ControlCommands.Create().Concat(FileCommands.Create()).Concat(ViewCommands.Create()).Concat(Pm2Commands.Create()))
{
    root.Add(command);
}

// A word that begins with @ is a word, such as a message or an argument of a script, and not the name of a file with more of them.
var parsed = root.Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (UnknownWords.Find(parsed) is { } unknown)
{
    await Console.Error.WriteLineAsync("error: " + unknown);
    return UnknownWords.ExitCode(parsed);
}

return await parsed.InvokeAsync(Invocation.Of(parsed));
