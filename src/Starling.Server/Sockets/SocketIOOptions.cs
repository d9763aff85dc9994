using System.Text.Encodings.Web;
using System.Text.Json;
using Starling.Protocol;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>Settings of a Socket.IO server, with the defaults of the reference server where it has them.</summary>
public sealed class SocketIOOptions : EngineIOOptions
{
    /// <summary>How long a client may stay without joining a namespace before it is disconnected. Default 45 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The most binary attachments of one incoming packet. Default 10.</summary>
    public int MaxAttachments { get; set; } = 10;

    /// <summary>How deep incoming JSON may nest. Default 64.</summary>
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>
    /// The most events of one socket that wait while a handler of that socket is busy; once as many wait, nothing more is read from its
    /// client. Default 1,000.
    /// </summary>
    public int MaxQueuedEvents { get; set; } = 1000;

    /// <summary>The most bytes that these events may have in all before nothing more is read from their client. Default 4 MiB.</summary>
    public int MaxQueuedEventBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>When set, clients that lost their connection for a short time get their socket back, with what they missed. Default null.</summary>
    public ConnectionStateRecoveryOptions? ConnectionStateRecovery { get; set; }

    /// <summary>How packets are encoded; clients must use the same parser. Default <see cref="PacketParser.Json"/>.</summary>
    public PacketParser Parser { get; set; }

    /// <summary>
    /// Whether a namespace that was made for a dynamic name is removed when its last socket leaves; one that the application got by
    /// <c>Of</c> stays. Default true: else everybody who may connect could fill the memory with names.
    /// </summary>
    public bool CleanupEmptyChildNamespaces { get; set; } = true;

    /// <summary>The most namespaces that one client may be in at a time; joining further ones is refused. Default 100.</summary>
    public int MaxNamespacesPerSession { get; set; } = 100;

    /// <summary>
    /// Whether the browser client is served below the server's path: <c>socket.io.js</c>, <c>socket.io.min.js</c>,
    /// <c>socket.io.esm.min.js</c>, <c>socket.io.msgpack.min.js</c> and their source maps. Default true.
    /// </summary>
    public bool ServeClient { get; set; } = true;

    /// <summary>
    /// How payloads are serialised. Web defaults; add a source-generated context to the resolver chain for trimmed applications.
    /// <c>byte[]</c>, <c>Memory&lt;byte&gt;</c> and <c>ReadOnlyMemory&lt;byte&gt;</c> travel as binary attachments, wherever they stand.
    /// </summary>
    public JsonSerializerOptions JsonSerializerOptions { get; set; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// How many events one socket may send. Default 10,000 per second and 20,000 at once, which no application needs; <c>io.Limit</c> sets
    /// smaller limits for events that cost more.
    /// </summary>
    public RateLimit SocketRateLimit { get; set; } = new(10_000, 20_000);

    /// <summary>How many events all sockets of one user may send to this node. Default 20,000 per second and 40,000 at once.</summary>
    public RateLimit UserRateLimit { get; set; } = new(20_000, 40_000);

    /// <summary>
    /// Tells users apart for <see cref="UserRateLimit"/>: gets a socket and returns the id of its user, or null for no limit. Default: the
    /// name identifier, or else the name, of an authenticated principal; other clients are only limited one by one.
    /// </summary>
    public Func<Socket, string?>? RateLimitUser { get; set; }

    /// <summary>
    /// Whether all clients are trusted, such as the services of one machine. The defaults of <see cref="SocketRateLimit"/> and
    /// <see cref="UserRateLimit"/> do not hold then; limits that the application sets do. Default false.
    /// </summary>
    public bool TrustedNetwork { get; set; }

    /// <summary>The limit for each socket; null for none.</summary>
    internal RateLimit? EffectiveSocketLimit => Effective(SocketRateLimit, new(10_000, 20_000));

    /// <summary>The limit for each user; null for none.</summary>
    internal RateLimit? EffectiveUserLimit => Effective(UserRateLimit, new(20_000, 40_000));

    private RateLimit? Effective(RateLimit limit, RateLimit byDefault) =>
        limit == RateLimit.None || (TrustedNetwork && limit == byDefault) ? null : limit;

    internal override IEnumerable<string> Check()
    {
        foreach (var result in base.Check())
        {
            yield return result;
        }

        foreach (var (name, value) in new[]
        {
            (nameof(ConnectTimeout), ConnectTimeout),
            (nameof(ConnectionStateRecoveryOptions.MaxDisconnectionDuration), ConnectionStateRecovery?.MaxDisconnectionDuration ?? TimerLimits.Longest),
        })
        {
            if (!TimerLimits.IsPositive(value))
            {
                yield return $"{name} is {value}; it must be more than zero and at most {TimerLimits.Longest.Days} days.";
            }
        }

        foreach (var (name, limit) in new[] { (nameof(SocketRateLimit), SocketRateLimit), (nameof(UserRateLimit), UserRateLimit) })
        {
            if (limit.Error is { } error)
            {
                yield return $"{name}: {error}";
            }
        }

        foreach (var (name, value) in new[]
        {
            (nameof(MaxAttachments), MaxAttachments), (nameof(MaxJsonDepth), MaxJsonDepth), (nameof(MaxQueuedEvents), MaxQueuedEvents),
            (nameof(MaxQueuedEventBytes), MaxQueuedEventBytes), (nameof(MaxNamespacesPerSession), MaxNamespacesPerSession),
            ("ConnectionStateRecovery.MaxLostSockets", ConnectionStateRecovery?.MaxLostSockets ?? 1),
            ("ConnectionStateRecovery.MaxEmptyNamespaces", ConnectionStateRecovery?.MaxEmptyNamespaces ?? 1),
        })
        {
            if (value < 1)
            {
                yield return $"{name} is {value}; it must be at least 1.";
            }
        }
    }
}
