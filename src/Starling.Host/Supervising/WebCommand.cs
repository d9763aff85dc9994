using System.CommandLine;
using System.Text.Json.Nodes;
using Starling.Host.Serving;
using Starling.Messaging;
using Starling.Server.Hosting;
using Starling.Supervisor;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Control;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary><c>starling web</c>: what runs, for monitoring tools: JSON in the shape of <c>pm2 web</c>, and metrics. Reads only.</summary>
internal static class WebCommand
{
    private const string DefaultUrl = "http://127.0.0.1:9615";
    private const string BackgroundName = "starling-web";

    public static Command Create()
    {
        var urls = new Option<string[]>("--urls")
        {
            Description = "Addresses to listen on. There is no sign-in: keep to loopback unless the network is yours.",
            HelpName = "url",
            DefaultValueFactory = _ => [DefaultUrl],
            AllowMultipleArgumentsPerToken = true,
        };
        var hosts = new Option<string[]>("--host")
        {
            Description = "A host name under which it may be asked, beside IP addresses and localhost. Several may be given; * for any.",
            HelpName = "name",
            DefaultValueFactory = _ => [],
            AllowMultipleArgumentsPerToken = true,
        };
        var port = new Argument<ushort?>("port") { Description = "Port of 127.0.0.1 to listen on, instead of --urls.", Arity = ArgumentArity.ZeroOrOne };
        var background = new Option<bool>("--background", "-b") { Description = $"Run it as an application of the supervisor; 'starling delete {BackgroundName}' ends it." };
        var command = new Command("web", "Serve what runs as JSON (/) in the shape of pm2 web, and as metrics (/metrics).") { port, urls, hosts, background };
        command.SetAction((parsed, cancellationToken) =>
        {
            var addresses = parsed.GetValue(port) is { } chosen ? [$"http://127.0.0.1:{chosen}"] : parsed.GetRequiredValue(urls);
            var names = parsed.GetRequiredValue(hosts);
            return parsed.GetValue(background) ? StartAsync(addresses, names, cancellationToken) : RunAsync(addresses, names, cancellationToken);
        });
        return command;
    }

    private static Task<int> StartAsync(string[] urls, string[] hosts, CancellationToken cancellationToken) => SupervisorCall.RunOrStartAsync(
        async supervisor =>
        {
            var folder = new SupervisorFolder();
            var config = AppConfigBuilder.Resolve(
                new AppRequest
                {
                    Name = BackgroundName,
                    Script = SelfProgram.Command[0],
                    Args = [.. SelfProgram.Command[1..], "web", "--urls", .. urls, .. hosts.SelectMany(static host => new[] { "--host", host })],
                    Interpreter = AppConfig.NoInterpreter,
                    Env = new Dictionary<string, string> { [SupervisorFolder.Variable] = folder.Path },
                },
                folder.Path);
            return StartCommand.Show(await supervisor.StartAsync([new WorkerGroupRecord(config, SelfProgram.Variables(), null)], cancellationToken), json: false);
        },
        cancellationToken);

    private static async Task<int> RunAsync(string[] urls, string[] hosts, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(urls);
        await using var app = builder.Build();
        app.UseOriginGuard(new OriginGuard(new OriginGuardOptions { AllowedHosts = hosts, HostHint = "name it with --host" }));
        app.MapGet("/", (CancellationToken aborted) => AskAsync(
            async supervisor => Results.Json(Pm2View.System(await supervisor.DescribeAsync("all", aborted)), SupervisorCall.Json), aborted));
        app.MapGet("/metrics", (CancellationToken aborted) => AskAsync(
            async supervisor => Results.Text(MetricsView.Write(await supervisor.ListAsync(aborted)), MetricsView.ContentType), aborted));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or FormatException)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message} Choose another address with --urls.");
            return SupervisorCall.Failed;
        }

        Console.WriteLine($"Listening on {string.Join(", ", app.Urls)}");
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>Each request connects anew, so that it does not matter whether the supervisor was restarted meanwhile.</summary>
    private static async Task<IResult> AskAsync(Func<ISupervisor, Task<IResult>> ask, CancellationToken aborted)
    {
        try
        {
            await using var client = await SupervisorClient.TryConnectAsync(new SupervisorFolder(), aborted);
            return client is null
                ? Results.Json(new JsonObject { ["error"] = "No supervisor runs." }, statusCode: StatusCodes.Status503ServiceUnavailable)
                : await ask(client.Supervisor);
        }
        catch (Exception exception) when (exception is RpcException or ConnectionLostException or TimeoutException)
        {
            return Results.Json(new JsonObject { ["error"] = exception.Message }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
