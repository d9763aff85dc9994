using Microsoft.Extensions.Logging;

namespace Starling.Apps.Editor;

/// <summary>What the editor logs.</summary>
internal static partial class EditorLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "That document {Document} was edited could not be noted in the list")]
    public static partial void EditNotMarked(this ILogger logger, string document, Exception exception);
}
