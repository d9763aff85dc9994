using System.CommandLine;

namespace Starling.Host.Supervising;

/// <summary><c>starling init</c>: a process file to begin with.</summary>
internal static class InitCommand
{
    private const string FileName = "ecosystem.config.js";

    private const string Simple = """
        module.exports = {
          apps: [
            {
              name: 'app',
              script: './app.js',
            },
          ],
        };

        """;

    private const string Full = """
        module.exports = {
          apps: [
            {
              name: 'app',
              script: './app.js',
              instances: 2,
              // Addresses that the processes share. A script that opens its own port has none.
              listen: ['127.0.0.1:8080'],
              wait_ready: true,
              max_memory_restart: '300M',
              env: { NODE_ENV: 'development' },
              // Chosen by --env production.
              env_production: { NODE_ENV: 'production' },
            },
            {
              name: 'nightly',
              script: './nightly.js',
              cron_restart: '0 3 * * *',
              autorestart: false,
            },
          ],
        };

        """;

    public static Command Create()
    {
        var mode = new Argument<string?>("mode") { Description = "simple: the shortest file.", Arity = ArgumentArity.ZeroOrOne };
        mode.AcceptOnlyFromAmong("simple");
        var command = new Command("init", $"Write {FileName}, a process file to begin with, into this folder.") { mode };
        command.Aliases.Add("ecosystem");
        command.SetAction(parsed => Write(parsed.GetValue(mode) is null ? Full : Simple));
        return command;
    }

    private static int Write(string text)
    {
        var path = Path.GetFullPath(FileName);
        try
        {
            using (var file = new StreamWriter(new FileStream(path, FileMode.CreateNew)))
            {
                file.Write(text);
            }

            Console.WriteLine($"{path} was written. Change it, then run 'starling start {FileName}'.");
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(File.Exists(path) ? $"error: {path} exists. Remove it first, or change it." : $"error: {exception.Message}");
            return SupervisorCall.Failed;
        }
    }
}
