using System.Text.Json;
using Starling.Apps.Watcher;
using Starling.Messaging.NodeIpc;
using Starling.Worker;

namespace Starling.Host.Serving;

/// <summary>Puts a process of the watcher together and runs it under its supervisor.</summary>
internal static class WatcherProcess
{
    private const string PasswordVariable = "WATCHER_PASSWORD";
    private const int Failed = 1;

    /// <summary>The process that visitors connect to.</summary>
    public static WebApplication Worker()
    {
        var builder = CreateBuilder();
        builder.Services.AddWatcherWorker();
        var app = Build(builder, "watcher/index.html");
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(15) });
        app.MapWatcherWorker();
        return app;
    }

    /// <summary>The process that collects and shows.</summary>
    public static WebApplication Master(string? data)
    {
        var builder = CreateBuilder();
        var password = Environment.GetEnvironmentVariable(PasswordVariable);
        builder.Services.AddWatcherMaster(
            new DataFolder(data ?? builder.Configuration["Data"]).File("watcher.json"),
            string.IsNullOrEmpty(password) ? null : password,
            generated => Console.WriteLine($"The admin's password is {generated} (it is shown this once; set {PasswordVariable} to choose another)."));
        var app = Build(builder, "watcher/admin.html");
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapWatcherMaster();
        return app;
    }

    /// <summary>Runs a process until its supervisor ends it.</summary>
    public static async Task<int> RunAsync(Func<WebApplication> build, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = build();
            if (!app.Services.GetRequiredService<IWorkerChannel>().IsConnected)
            {
                await Console.Error.WriteLineAsync("The watcher's processes speak to each other over a supervisor, and this one has none. Run 'starling start apps/Watcher/process.json'.");
                return Failed;
            }

            await app.RunAsync(cancellationToken);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or NodeChannelException)
        {
            await Console.Error.WriteLineAsync($"The watcher cannot run: {exception.Message}");
            return Failed;
        }
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, WebRootPath = "wwwroot" });
        builder.Configuration.AddEnvironmentVariables("STARLING_");
        builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
        builder.UseStarlingWorker();
        builder.Services.AddHealthChecks();
        return builder;
    }

    private static WebApplication Build(WebApplicationBuilder builder, string page)
    {
        var app = builder.BuildQuietly();
        app.UseSecurityHeaders();
        app.UseAssets();
        app.MapHealthChecks("/healthz");
        app.MapPage("/", page);
        return app;
    }
}
