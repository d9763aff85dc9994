using System.CommandLine;
using Starling.Host.Commands;

var root = new RootCommand("Starling: a real-time application server. Socket.IO, and applications built on it, in one program.")
{
    ServeCommand.Create(),
};
return await root.Parse(args.Length == 0 ? ["--help"] : args).InvokeAsync();
