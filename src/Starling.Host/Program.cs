using System.CommandLine;
using Starling.Host.Commands;
using Starling.Host.Supervising;

var root = new RootCommand("Starling: a real-time application server. Socket.IO, channels (Mercure), and applications built on them, in one program.")
{
    ServeCommand.Create(),
    PublishCommand.Create(),
    new Command("apps", "Applications of the console.") { ExchangeCommand.Create() },
    StartCommand.Create(),
    StartupCommand.Create(),
    DaemonCommands.CreateKeeper(),
    DaemonCommands.CreateDaemon(),
};
foreach (var command in ControlCommands.Create().Concat(ViewCommands.Create()))
{
    root.Add(command);
}

return await root.Parse(args.Length == 0 ? ["--help"] : args).InvokeAsync();
