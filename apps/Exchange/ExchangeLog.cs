using System.Net;
using Microsoft.Extensions.Logging;

namespace Starling.Apps.Exchange;

/// <summary>The catalogue of log messages; numbers are never used twice.</summary>
internal static partial class ExchangeLog
{
    [LoggerMessage(1, LogLevel.Warning, "The client at {Client} has not read its answers for {Limit}; it is cut off")]
    public static partial void AnswersNotRead(ILogger logger, EndPoint? client, TimeSpan limit);

    [LoggerMessage(2, LogLevel.Warning, "{Limit} clients are connected; more are refused (--max-connections)")]
    public static partial void Full(ILogger logger, int limit);
}
