using Microsoft.AspNetCore.HostFiltering;
using Starling.Apps.Draw;
using Starling.Apps.Editor;
using Starling.Apps.Questions;
using Starling.Apps.Ticker;
using Starling.Documents.Hosting;
using Starling.Host.Publishing;
using Starling.Server.Channels;
using Starling.Server.Channels.Authorization;
using Starling.Worker;

namespace Starling.Host.Serving;

/// <summary>The one place where the server is put together.</summary>
internal static class Composition
{
    public static WebApplication Build(string? data, bool verbose)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Pages and settings lie beside the program, wherever it is started from; the working folder's settings come on top.
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = "wwwroot",
        });
        builder.Configuration
            .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables("STARLING_");
        if (verbose)
        {
            builder.Logging.AddFilter("Starling", LogLevel.Debug);
        }

        builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false).UseLeanWebSockets();
        builder.UseStarlingWorker(options => builder.Configuration.GetSection("Worker").Bind(options));
        builder.Services.AddLocalCluster(options => builder.Configuration.GetSection("LocalCluster").Bind(options));
        builder.Services.AddSocketIO(options => builder.Configuration.GetSection("SocketIO").Bind(options));
        var folder = new DataFolder(data ?? builder.Configuration["Data"]);
        builder.Services.AddChannels(options => ConfigureChannels(options, builder.Configuration, folder));
        builder.Services.AddDraw(folder.File("boards.db"));
        builder.Services.AddEditor().UseSqlite(folder.File("documents.db"));
        builder.Services.Configure<DocumentsOptions>(builder.Configuration.GetSection("Documents"));
        builder.Services.AddQuestions(folder.File("questions.db"));
        builder.Services.AddTicker(builder.Configuration.GetSection("Ticker").Get<HttpQuoteOptions>() ?? new(), seed: Environment.TickCount);
        builder.Services.AddResponseCompression(options => options.EnableForHttps = true);
        builder.Services.AddHealthChecks();

        // Whatever names are added, this machine itself may always ask.
        builder.Services.PostConfigure<HostFilteringOptions>(options => options.AllowedHosts = [.. options.AllowedHosts, "localhost", "127.0.0.1", "[::1]"]);

        var app = builder.BuildQuietly();
        app.UseLoopbackGuard();
        app.UseSecurityHeaders();
        app.UseWhen(context => !context.Request.Path.StartsWithSegments("/socket.io"), branch => branch.UseResponseCompression());
        app.UsePages();
        app.MapHealthChecks("/healthz");
        app.MapSocketIO("/socket.io").MapDraw(app.Services);
        app.MapChannels();
        app.MapEditor();
        app.MapPage("/editor/{name}", "editor/document.html");
        app.MapQuestions();
        app.MapTicker();
        return app;
    }

    private static void ConfigureChannels(ChannelOptions options, ConfigurationManager configuration, DataFolder folder)
    {
        options.HistoryFile = folder.ChannelHistory;
        configuration.GetSection("Channels").Bind(options);
        if (options.Keys.Count == 0)
        {
            // So that `starling publish` works for the user who runs the server, and for nobody else.
            options.Keys.Add(new TokenKey { Key = folder.PublishingKey(), Issuer = PublisherToken.Issuer, MaySubscribe = false });
        }
    }
}
