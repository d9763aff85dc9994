using System.Diagnostics;

namespace Starling.Server.Diagnostics;

/// <summary>Traces of the real-time server: one activity for each handled event. Costs nothing while nobody listens.</summary>
public static class ServerTraces
{
    /// <summary>Name of the source.</summary>
    public const string SourceName = "Starling.Server";

    internal static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Starts the activity of an event; ends when disposed.</summary>
    internal static Activity? StartEvent(string name, string namespaceName, string socketId)
    {
        var activity = Source.StartActivity("socketio.event", ActivityKind.Server);
        activity?.SetTag("messaging.system", "socketio")
            .SetTag("messaging.destination.name", namespaceName)
            .SetTag("socketio.event", name)
            .SetTag("socketio.socket_id", socketId);
        return activity;
    }
}
