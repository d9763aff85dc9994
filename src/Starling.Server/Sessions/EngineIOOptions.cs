using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Starling.Server.Sessions;

/// <summary>Settings of an Engine.IO server, with the defaults of the reference server where it has them.</summary>
public class EngineIOOptions
{
    /// <summary>Time from a client's sign of life to the next ping. Sent to clients. Default 25 s.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a client has to answer a ping before it counts as gone. Sent to clients. Default 20 s.</summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an upgrade from polling to WebSocket may take. Default 10 s.</summary>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most bytes of one incoming message or polling body. Sent to clients. Default 1,000,000.</summary>
    public int MaxPayload { get; set; } = 1_000_000;

    /// <summary>Which transports clients may use. Default both.</summary>
    public SessionTransports Transports { get; set; } = SessionTransports.Polling | SessionTransports.WebSocket;

    /// <summary>Whether a session may move from polling to WebSocket. Default true.</summary>
    public bool AllowUpgrades { get; set; } = true;

    /// <summary>Whether clients of Engine.IO protocol 3 (Socket.IO 2) are served. Default false.</summary>
    public bool AllowEIO3 { get; set; }

    /// <summary>
    /// Decides on each handshake, after ASP.NET Core's own authorisation of the endpoint. Default: everybody is allowed.
    /// </summary>
    public Func<HttpContext, CancellationToken, ValueTask<HandshakeDecision>>? AllowRequest { get; set; }

    /// <summary>
    /// Runs before the answer to a handshake is sent, so that headers and cookies can be added. Gets the request and the id of the session.
    /// </summary>
    public Action<HttpContext, string>? OnHandshakeResponse { get; set; }

    /// <summary>When set, the session's id is sent as a cookie, which sticky load balancers can use. Default none.</summary>
    public CookieBuilder? Cookie { get; set; }

    /// <summary>
    /// Cross-origin policy for polling. Default none: browsers let only pages of the same origin read the answers. (The endpoint can
    /// also be given a policy by <c>RequireCors</c>; use one of the two.)
    /// </summary>
    public CorsPolicy? Cors { get; set; }

    /// <summary>
    /// The origins, such as <c>https://example.com</c>, whose pages may connect at all; WebSockets are not under a browser's cross-origin
    /// rules, so that this is what keeps foreign pages off. Requests without an <c>Origin</c> header are not from a page and pass.
    /// Default null: any origin.
    /// </summary>
    public ISet<string>? AllowedOrigins { get; set; }

    /// <summary>Whether WebSocket messages are compressed (RFC 7692) for clients that offer it. Costs CPU and memory. Default false.</summary>
    public bool WebSocketCompression { get; set; }

    /// <summary>WebSocket messages of fewer bytes are sent uncompressed. Default 1,024.</summary>
    public int WebSocketCompressionThreshold { get; set; } = 1024;

    /// <summary>Answers to polls of at least this many bytes are compressed by gzip for clients that accept it; null for never. Default 1,024.</summary>
    public int? HttpCompressionThreshold { get; set; } = 1024;

    /// <summary>
    /// The most bytes that wait for one client that does not read, beyond what is being written to its connection: at most 64 KiB and one
    /// message over a WebSocket, one answer to a poll. One message that is larger than this limit may wait in addition, so that it reaches
    /// clients that read. While more than half of it waits, the client's own requests are not read. Default 1 MiB.
    /// </summary>
    public int MaxSendQueueBytes { get; set; } = 1024 * 1024;

    /// <summary>What happens to a client that reads too slowly. Default <see cref="SlowClientPolicy.Disconnect"/>.</summary>
    public SlowClientPolicy SlowClients { get; set; }

    /// <summary>The most sessions at a time; further handshakes get 503. Default null: no limit.</summary>
    public int? MaxSessions { get; set; }

    /// <summary>The most sessions at a time from one address; further handshakes get 429. Default null: no limit.</summary>
    public int? MaxSessionsPerAddress { get; set; }

    /// <summary>The most handshakes in one second; further ones get 429. Default null: no limit.</summary>
    public int? MaxHandshakesPerSecond { get; set; }

    /// <summary>After how long at the latest a client that is gone is found to be gone.</summary>
    internal TimeSpan Heartbeat => PingInterval + PingTimeout;

    /// <summary>Says of every setting that cannot work what is wrong with it.</summary>
    internal virtual IEnumerable<string> Check()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(PingInterval), PingInterval), (nameof(PingTimeout), PingTimeout), (nameof(UpgradeTimeout), UpgradeTimeout),
        })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            {
                yield return $"{name} is {value}; it must be more than zero and at most a day.";
            }
        }

        foreach (var (name, value) in new[]
        {
            (nameof(MaxPayload), (int?)MaxPayload), (nameof(MaxSendQueueBytes), MaxSendQueueBytes), (nameof(MaxSessions), MaxSessions),
            (nameof(MaxSessionsPerAddress), MaxSessionsPerAddress), (nameof(MaxHandshakesPerSecond), MaxHandshakesPerSecond),
        })
        {
            if (value <= 0)
            {
                yield return $"{name} is {value}; it must be at least 1.";
            }
        }

        if ((Transports & (SessionTransports.Polling | SessionTransports.WebSocket)) == 0)
        {
            yield return "Transports names no transport; clients could not connect.";
        }
    }
}
