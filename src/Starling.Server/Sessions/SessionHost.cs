using Microsoft.Extensions.Logging;
using Starling.Server.Diagnostics;

namespace Starling.Server.Sessions;

/// <summary>What a session needs from its server.</summary>
internal sealed class SessionHost
{
    /// <summary>How long a session that was closed waits for the poll that fetches its last packets; null for not at all.</summary>
    public static TimeSpan? LingerAfter(DisconnectReason reason) => reason switch
    {
        DisconnectReason.ForcedClose or DisconnectReason.ForcedServerClose or DisconnectReason.ServerShuttingDown
            or DisconnectReason.RateLimitExceeded => TimeSpan.FromSeconds(30),
        DisconnectReason.TransportClose => TimeSpan.FromMilliseconds(200),
        _ => null,
    };

    public required TimerWheel Wheel { get; init; }

    public required ServerMetrics Metrics { get; init; }

    public required ILogger Logger { get; init; }

    public required TimeSpan PingInterval { get; init; }

    public required TimeSpan PingTimeout { get; init; }

    public required bool WaitsForSlowClients { get; init; }

    /// <summary>Counts the session as gone and logs why.</summary>
    public required Action<Session, DisconnectReason> SessionEnded { get; init; }

    /// <summary>Makes the session's id unknown.</summary>
    public required Action<Session> Forget { get; init; }
}
