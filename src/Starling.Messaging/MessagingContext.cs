using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using Starling.Messaging.Connections;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Payloads;
using Starling.Messaging.Services;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging;

/// <summary>What all connections of one client or server share. Immutable but for its pools. Thread-safe.</summary>
internal sealed class MessagingContext
{
    public MessagingContext(
        MessagingOptions? options, RpcServices? services, Func<RpcConnection, PeerIdentity, CancellationToken, Task<PeerIdentity?>>? onIntroduced = null)
    {
        Options = (options ?? new MessagingOptions()).Clone();
        Options.Validate();
        Serializer = new PayloadSerializer(Options.JsonSerializerOptions);
        Services = (services ?? new RpcServices()).Build(Serializer, Options.HandlerContext);
        Proxies = new ProxyFactory(Serializer);
        MessageLimit = new MessageLimit(Options.MaxMessageBytes);
        Limits = new FrameLimits(Options.MaxHeaderBytes, Options.MaxMessageBytes);
        Logger = Options.LoggerFactory.CreateLogger("Starling.Messaging");
        Sweeper = new Sweeper(Options.TimeProvider);
        OnIntroduced = onIntroduced ?? ((connection, identity, _) =>
        {
            connection.Peer = identity;
            return Task.FromResult(Options.Identity);
        });
    }

    public MessagingOptions Options { get; }

    public PayloadSerializer Serializer { get; }

    public ServiceTable Services { get; }

    public ProxyFactory Proxies { get; }

    public FrameLimits Limits { get; }

    public MessageLimit MessageLimit { get; }

    public ILogger Logger { get; }

    public Sweeper Sweeper { get; }

    /// <summary>Decides on a peer that says who it is; answers who we are, or throws.</summary>
    public Func<RpcConnection, PeerIdentity, CancellationToken, Task<PeerIdentity?>> OnIntroduced { get; }

    public ObjectPool<OutgoingMessage> Messages { get; } = new DefaultObjectPool<OutgoingMessage>(new OutgoingMessagePolicy(), 64);

    public QueueGauge Gauge(string queue, long limit, RpcConnection connection) =>
        new(queue, limit, Options.QueueAlarmThreshold, (gauge, length) => Alarm(gauge, length, connection));

    /// <summary>What a caller gets to know of an exception in a handler.</summary>
    public RpcException FailureOf(Exception exception, string method) => new(
        RpcErrorCodes.InternalError,
        Options.IncludeErrorDetails ? $"{method} failed: {exception.Message}" : $"{method} failed.",
        exception);

    private void Alarm(QueueGauge gauge, long length, RpcConnection connection)
    {
        var peer = connection.Peer?.Name ?? connection.RemoteAddress;
        Logger.QueueNearlyFull(gauge.Queue, peer, length, gauge.Limit);
        Options.Metrics?.AlarmRaised(gauge.Queue);
        try
        {
            Options.OnQueueAlarm?.Invoke(new QueueAlarm(gauge.Queue, peer, length, gauge.Limit));
        }
        catch (Exception e)
        {
            // It comes from within whatever has filled the queue, which must not fail for it.
            Logger.HandlerFailed(e, nameof(MessagingOptions.OnQueueAlarm), peer);
        }
    }
}
