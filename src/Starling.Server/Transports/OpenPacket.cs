using System.Text;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>The data of the first packet of a session (Engine.IO protocol 4, "Handshake").</summary>
internal static class OpenPacket
{
    public static byte[] Create(string sessionId, EngineIOOptions options, bool withUpgrade) => Encoding.UTF8.GetBytes(
        $$"""{"sid":"{{sessionId}}","upgrades":[{{(withUpgrade ? "\"websocket\"" : "")}}],"pingInterval":{{
        (long)options.PingInterval.TotalMilliseconds}},"pingTimeout":{{(long)options.PingTimeout.TotalMilliseconds}},"maxPayload":{{
        options.MaxPayload}}}""");
}
