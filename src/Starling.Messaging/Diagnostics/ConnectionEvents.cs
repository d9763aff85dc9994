using Microsoft.Extensions.Logging;

namespace Starling.Messaging.Diagnostics;

/// <summary>Tells the application's handlers of what has happened to a connection.</summary>
internal static class ConnectionEvents
{
    /// <summary>A handler that fails neither undoes what has happened nor keeps it from the others.</summary>
    public static void Tell(this Action<RpcConnection>? handlers, string name, RpcConnection connection, ILogger logger)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(connection);
            }
            catch (Exception e)
            {
                logger.HandlerFailed(e, name, connection.RemoteAddress);
            }
        }
    }
}
