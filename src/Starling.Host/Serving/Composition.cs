using Starling.Apps.Draw;

namespace Starling.Host.Serving;

/// <summary>The one place where the server is put together.</summary>
internal static class Composition
{
    public static WebApplication Build(bool verbose)
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
        builder.Services.AddSocketIO(options => builder.Configuration.GetSection("SocketIO").Bind(options));
        builder.Services.AddChannels(options => builder.Configuration.GetSection("Channels").Bind(options));
        builder.Services.AddDraw();
        builder.Services.AddResponseCompression(options => options.EnableForHttps = true);
        builder.Services.AddHealthChecks();

        var app = builder.Build();
        app.UseSecurityHeaders();
        app.UseWhen(context => !context.Request.Path.StartsWithSegments("/socket.io"), branch => branch.UseResponseCompression());
        app.UsePages();
        app.MapHealthChecks("/healthz");
        app.MapSocketIO("/socket.io").MapDraw(app.Services);
        app.MapChannels();
        return app;
    }
}
