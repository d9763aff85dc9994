using Microsoft.Extensions.Logging.Console;

namespace Starling.Host.Commands;

/// <summary>The log of an application of the console: warnings, a line each, on standard error, since standard output is the console's.</summary>
internal static class ConsoleLog
{
    public static ILoggerFactory Create(Action<ILoggingBuilder>? configure = null) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        configure?.Invoke(builder);
    });
}
