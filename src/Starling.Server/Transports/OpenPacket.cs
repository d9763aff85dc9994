using System.Text;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>The data of the first packet of a session (Engine.IO protocol 4, "Handshake").</summary>
internal static class OpenPacket
{
    public static byte[] Create(string sessionId, EngineIOOptions options, bool withUpgrade)
    {
        var upgrades = withUpgrade ? "\"websocket\"" : "";
        var interval = (long)options.PingInterval.TotalMilliseconds;
        var timeout = (long)options.PingTimeout.TotalMilliseconds;
        return Encoding.UTF8.GetBytes(
            $$"""{"sid":"{{sessionId}}","upgrades":[{{upgrades}}],"pingInterval":{{interval}},"pingTimeout":{{timeout}},"""
            + $$""" "maxPayload":{{options.MaxPayload}}}""".TrimStart());
    }
}
