using System.Net.Security;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Messaging.Diagnostics;
using Starling.Protocol;

namespace Starling.Messaging;

/// <summary>Settings of clients and servers. Read when one is created; later changes have no effect on it.</summary>
public sealed class MessagingOptions
{
    /// <summary>Who this side says it is when it connects. Without it the peer sees a stranger, which may still call and be called.</summary>
    public PeerIdentity? Identity { get; set; }

    /// <summary>
    /// How payloads are written: with the web's defaults, and with fields, which tuples and structures such as <c>Vector3</c> consist of. A type that these options
    /// would not carry whole is refused, over every link. Give it a source-generated context as its resolver for trimmed or ahead-of-time compiled programs.
    /// </summary>
    public JsonSerializerOptions JsonSerializerOptions { get; set; } = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    /// <summary>Longest wait for an answer, where the call names none itself: 30 s. Granted to a tenth of a second.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest body of a message: 16 MiB. One that would be longer is not sent, and fails alone; one that comes ends the connection. Larger payloads go as streams.</summary>
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Longest header of a message: 4 KiB.</summary>
    public int MaxHeaderBytes { get; set; } = 4096;

    /// <summary>Deepest nesting of JSON that is read: 64.</summary>
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>Longest time from the first byte of a message to its last: 30 s. Ends peers that send a byte now and then.</summary>
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many requests of one peer are handled at a time: 256.</summary>
    public int MaxConcurrentRequests { get; set; } = 256;

    /// <summary>Where handlers begin, for example a worker's thread; null for the thread that read the request, or, inside the process, made the call.</summary>
    public SynchronizationContext? HandlerContext { get; set; }

    /// <summary>How many further requests of one peer wait: 16,384. One more is refused with <c>ServerBusy</c>; a notification is dropped and logged.</summary>
    public int MaxQueuedRequests { get; set; } = 16_384;

    /// <summary>How many calls to one peer may be unanswered: 4,096. Further ones wait until one is, within their time-outs.</summary>
    public int MaxPendingCalls { get; set; } = 4096;

    /// <summary>Whether a peer is told the message of an exception that its request led to: no, it gets to know only that the method failed.</summary>
    public bool IncludeErrorDetails { get; set; }

    /// <summary>Bytes that may wait to be sent before further calls wait for room: 1 MiB. A peer that leaves eight times as much unread is cut.</summary>
    public int SendHighWaterBytes { get; set; } = 1024 * 1024;

    /// <summary>Part of its limit at which a queue raises the alarm: 0.8.</summary>
    public double QueueAlarmThreshold { get; set; } = 0.8;

    /// <summary>Told when a queue passes the threshold; again only after it fell below half of it. Must not block.</summary>
    public Action<QueueAlarm>? OnQueueAlarm { get; set; }

    /// <summary>Silence after which a peer is asked whether it lives: 15 s. <see cref="Timeout.InfiniteTimeSpan"/> never asks.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long it may then stay silent before it counts as dead: 15 s.</summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client tries to reach its server, the first time: 10 s. Afterwards it goes on until it is closed.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a client connects again after a loss: yes.</summary>
    public bool Reconnect { get; set; } = true;

    /// <summary>Wait before the second attempt to connect: 100 ms. It doubles with each failure; a random part of up to a half is taken off.</summary>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between attempts: 10 s.</summary>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long closing waits for what is under way: 10 s.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether <c>inproc:</c> links hand objects over as they are: yes, when both sides say so. The two sides then share them, so what was
    /// sent must no longer be changed. Otherwise every object is written as JSON and read again, as over any other link.
    /// </summary>
    public bool ShareObjectsInProcess { get; set; } = true;

    /// <summary>Bytes of a stream that may be under way or unread: 512 KiB, half of what may wait to be sent, so that one busy stream raises no alarm; at least 64 KiB. The writer waits beyond it.</summary>
    public int StreamHighWaterBytes { get; set; } = 512 * 1024;

    /// <summary>How many streams and how many sequences one peer may hold open: 1,024 of each.</summary>
    public int MaxOpenStreams { get; set; } = 1024;

    /// <summary>Certificate and checks of a <c>tls:</c> or <c>quic:</c> server. For mutual TLS set <c>ClientCertificateRequired</c>.</summary>
    public SslServerAuthenticationOptions? ServerTls { get; set; }

    /// <summary>Certificate and checks of a <c>tls:</c> or <c>quic:</c> client; without it the system's trust and no certificate of its own.</summary>
    public SslClientAuthenticationOptions? ClientTls { get; set; }

    /// <summary>Where to log: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Counters, or null for none. <c>AddMessaging</c> sets them.</summary>
    public MessagingMetrics? Metrics { get; set; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    private const string TimerRule = "must be above zero and at most 49 days, the longest that a timer waits";

    internal MessagingOptions Clone() => (MessagingOptions)MemberwiseClone();

    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    internal void Validate()
    {
        Require(CallTimeout > TimeSpan.Zero && CallTimeout <= TimeSpan.FromDays(1), nameof(CallTimeout), "must be above zero and at most a day");
        Require(MaxMessageBytes is > 0 and <= 1 << 30, nameof(MaxMessageBytes), "must be above zero and at most 1 GiB");
        Require(MaxHeaderBytes >= 64, nameof(MaxHeaderBytes), "must be at least 64");
        Require(MaxJsonDepth is > 0 and <= 1000, nameof(MaxJsonDepth), "must be from 1 to 1,000");
        Require(TimerLimits.IsPositive(MessageTimeout), nameof(MessageTimeout), TimerRule);
        Require(MaxConcurrentRequests > 0, nameof(MaxConcurrentRequests), "must be above zero");
        Require(MaxQueuedRequests > 0, nameof(MaxQueuedRequests), "must be above zero");
        Require(MaxPendingCalls > 0, nameof(MaxPendingCalls), "must be above zero");
        Require(SendHighWaterBytes is > 0 and <= 1 << 27, nameof(SendHighWaterBytes), "must be above zero and at most 128 MiB");
        Require(QueueAlarmThreshold is > 0 and <= 1, nameof(QueueAlarmThreshold), "must be above 0 and at most 1");
        Require(TimerLimits.IsPositive(HeartbeatInterval) || HeartbeatInterval == Timeout.InfiniteTimeSpan, nameof(HeartbeatInterval), TimerRule + ", or infinite");
        Require(TimerLimits.IsPositive(HeartbeatTimeout), nameof(HeartbeatTimeout), TimerRule);
        Require(TimerLimits.IsPositive(ConnectTimeout), nameof(ConnectTimeout), TimerRule);
        Require(ReconnectDelay > TimeSpan.Zero && MaxReconnectDelay >= ReconnectDelay, nameof(ReconnectDelay), "must be above zero and not above MaxReconnectDelay");
        Require(MaxReconnectDelay <= TimerLimits.Longest, nameof(MaxReconnectDelay), TimerRule);
        Require(CloseTimeout >= TimeSpan.Zero && CloseTimeout <= TimerLimits.Longest, nameof(CloseTimeout), "must not be negative, and at most 49 days");
        Require(StreamHighWaterBytes >= 64 * 1024, nameof(StreamHighWaterBytes), "must be at least 64 KiB");
        Require(MaxOpenStreams > 0, nameof(MaxOpenStreams), "must be above zero");
    }

    private static void Require(bool isValid, string name, string rule)
    {
        if (!isValid)
        {
            throw new ArgumentException($"{nameof(MessagingOptions)}.{name} {rule}.", name);
        }
    }
}
