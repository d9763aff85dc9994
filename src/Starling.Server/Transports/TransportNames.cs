namespace Starling.Server.Transports;

/// <summary>Names of the transports on the wire.</summary>
internal static class TransportNames
{
    public const string Polling = "polling";
    public const string WebSocket = "websocket";
}
