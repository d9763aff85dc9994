using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Starling.Server.Sockets;
using Starling.Worker;
using Starling.Worker.TestApp;

var builder = WebApplication.CreateSlimBuilder(args);
var settings = builder.Configuration;
builder.Logging.SetMinimumLevel(LogLevel.Information);
if (settings["lean"] == "before")
{
    builder.WebHost.UseLeanWebSockets();
}

var isClustered = Environment.GetEnvironmentVariable("STARLING_CLUSTER") is not null;
builder.UseStarlingWorker(options =>
{
    settings.GetSection("worker").Bind(options);
    if (settings["protocol"] == "http2")
    {
        options.ConfigureListen = static listen => listen.Protocols = HttpProtocols.Http2;
    }
});
if (settings["lean"] == "after")
{
    builder.WebHost.UseLeanWebSockets();
}

builder.Services.AddSocketIO(options =>
{
    if (settings["recovery"] is not null)
    {
        options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
    }
});
builder.Services.AddChannels(static options =>
{
    options.AllowAnonymousSubscribers = true;
});
if (isClustered)
{
    // After UseStarlingWorker, which takes the variable, and after what would register a backplane of its own.
    builder.Services.AddLocalCluster(options => settings.GetSection("cluster").Bind(options));
}

if (settings["unready"] is not null)
{
    builder.Services.AddHostedService<Unready>();
}

var app = builder.Build();
app.MapGet("/", static () => Environment.ProcessId.ToString());
app.MapGet("/slow", static async () =>
{
    await Task.Delay(1500);
    return Environment.ProcessId.ToString();
});
app.MapGet("/never", static async () => await Task.Delay(Timeout.Infinite));
app.MapGet("/leak", static (int megabytes) =>
{
    for (var i = 0; i < megabytes; i++)
    {
        Leaked.All.Add(new Leaked());
    }
});
app.MapGet("/environment", static () => string.Join('\n', Environment.GetEnvironmentVariables().Keys.Cast<string>()));
var server = app.MapSocketIO();
app.MapTicks(server);
if (isClustered)
{
    app.MapCluster(server);
}

app.MapChannels();
var channel = app.Services.GetRequiredService<IWorkerChannel>();
app.Lifetime.ApplicationStarted.Register(() => _ = EchoAsync(channel));
await app.RunAsync();

static async Task EchoAsync(IWorkerChannel channel)
{
    await foreach (var message in channel.ReadAllAsync())
    {
        if (message.Handle is null)
        {
            await channel.SendAsync(message.Body);
            continue;
        }

        using var handle = message.Handle;
        using var connection = handle.ToSocket();
        await connection.SendAsync("from the worker"u8.ToArray());
        connection.Shutdown(SocketShutdown.Both);
    }
}

internal sealed class Leaked
{
    private readonly byte[] _content = GC.AllocateArray<byte>(1 << 20, pinned: false);

    public static List<Leaked> All { get; } = [];

    public Leaked() => Array.Fill(_content, (byte)1);
}

internal sealed class Unready : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
}
