namespace Starling.Host.Serving;

/// <summary>Keeps the log silent about a start that failed: the program explains it in one line, which a stack trace would bury.</summary>
internal static class StartLog
{
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    /// <summary>Builds the application. Its host logs nothing until it has started.</summary>
    public static WebApplication BuildQuietly(this WebApplicationBuilder builder)
    {
        var hasStarted = false;
        builder.Logging.AddFilter(HostCategory, level => level >= LogLevel.Warning && Volatile.Read(ref hasStarted));
        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => Volatile.Write(ref hasStarted, true));
        return app;
    }
}
