using System.CommandLine;
using Starling.Host.Serving;

namespace Starling.Host.Commands;

/// <summary><c>starling serve</c>: the server with its applications, in the foreground until it is stopped.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var urls = new Option<string[]>("--urls")
        {
            Description = "Where to listen, for example http://localhost:8080 or http://0.0.0.0:80. Several may be given. Port 0 takes a free port.",
            HelpName = "url",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        urls.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (ListenUrl.Check(token.Value) is { } error)
                {
                    result.AddError(error);
                }
            }
        });
        var data = new Option<string?>("--data")
        {
            Description = $"The folder for what must survive a restart; {DataFolder.DefaultPath} if nothing is said.",
            HelpName = "folder",
        };
        var verbose = new Option<bool>("--verbose") { Description = "Log every session and socket that comes and goes." };
        var command = new Command("serve", "Serve Socket.IO, channels and the applications, with their web pages, until Ctrl+C.") { urls, data, verbose };
        command.SetAction((parsed, cancellationToken) =>
            ServerProcess.RunAsync(parsed.GetValue(urls) ?? [], parsed.GetValue(data), parsed.GetValue(verbose), cancellationToken));
        return command;
    }
}
