using Microsoft.Extensions.Logging;

namespace Starling.Apps.Questions;

/// <summary>The catalogue of log messages; numbers are never reused.</summary>
internal static partial class QuestionsLog
{
    [LoggerMessage(1, LogLevel.Error, "A change of the question board could not be written")]
    public static partial void NotWritten(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "An update of {Topic} could not be announced; visitors see it when they load the board again")]
    public static partial void NotAnnounced(ILogger logger, Exception exception, string topic);
}
