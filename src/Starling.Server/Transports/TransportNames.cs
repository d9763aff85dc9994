namespace Starling.Server.Transports;

/// <summary>Names of the transports on the wire.</summary>
internal static class TransportNames
{
    public const string Polling = "polling";
    public const string WebSocket = "websocket";

    /// <summary>The constant for a name that a client gave, or null when there is no such transport.</summary>
    public static string? Intern(ReadOnlySpan<char> name) => name is Polling ? Polling : name is WebSocket ? WebSocket : null;
}
