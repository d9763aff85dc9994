using Microsoft.Extensions.Logging;

namespace Starling.Apps.Ticker;

/// <summary>The catalogue of log messages.</summary>
internal static partial class TickerLog
{
    [LoggerMessage(1, LogLevel.Error, "A quote could not be published")]
    public static partial void PublishFailed(ILogger logger, Exception exception);
}
