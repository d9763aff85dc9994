using Microsoft.Extensions.Logging;
using Starling.Server.Diagnostics;

namespace Starling.Server.Sessions;

/// <summary>How the code of the application is kept from what ends a session.</summary>
internal static class SessionClosing
{
    /// <summary>
    /// Ends the session on a thread of its own: the application's handlers must not hold up a timer, or a broadcast and its locks.
    /// </summary>
    public static void CloseSoon(this Session session, DisconnectReason reason) =>
        ThreadPool.UnsafeQueueUserWorkItem(static end => end.Session.Close(end.Reason), (Session: session, Reason: reason), preferLocal: false);

    /// <summary>Logs what callbacks on a token threw, if they did.</summary>
    public static void ReportCallbacks(this ILogger logger, AggregateException? exception, string token, string id)
    {
        if (exception is not null)
        {
            logger.CallbackFailed(exception, token, id);
        }
    }
}
