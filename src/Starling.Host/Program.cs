using System.CommandLine;
using Starling.Host.Commands;

var root = new RootCommand("Starling: a real-time application server. Socket.IO, channels (Mercure), and applications built on them, in one program.")
{
    ServeCommand.Create(),
    PublishCommand.Create(),
    new Command("apps", "Applications of the console.") { ExchangeCommand.Create(), LogReportCommand.Create() },
};
return await root.Parse(args.Length == 0 ? ["--help"] : args).InvokeAsync();
