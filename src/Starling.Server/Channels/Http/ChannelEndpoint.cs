using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;
using Starling.Server.Diagnostics;
using Starling.Server.Transports.WebSockets;

namespace Starling.Server.Channels.Http;

/// <summary>The hub's door for HTTP: finds out what a request wants, and answers what it may not have.</summary>
internal sealed class ChannelEndpoint : IDisposable
{
    private readonly ChannelOptions _options;
    private readonly ChannelMetrics _metrics;
    private readonly ILogger _logger;
    private readonly string _resourceIdentifier;
    private readonly RequestAccess _access;
    private readonly SubscribeParameters _parameters;
    private readonly SubscriberLimits _limits;
    private readonly PublishEndpoint _publish;
    private readonly EventStreamEndpoint _eventStreams;
    private readonly PollEndpoint _polls;
    private readonly WebSocketEndpoint _webSockets;
    private readonly SubscriptionsEndpoint _subscriptions;
    private readonly SubscriptionRegistry _registry;
    private readonly Refusals _refusals;
    private readonly CrossOriginRules _crossOrigin;

    public ChannelEndpoint(
        ChannelOptions options, ChannelHub hub, SubscriptionRegistry registry, string hubPath, TimeProvider time, ChannelMetrics metrics,
        ILogger logger, CancellationToken draining)
    {
        _options = options;
        _metrics = metrics;
        _logger = logger;
        _registry = registry;
        _resourceIdentifier = hub.HubUrl;
        var advisor = new PollAdvisor(options.PollInterval, options.TargetPollsPerSecond, time);
        _access = new RequestAccess(options, new AccessTokens(options, _resourceIdentifier, hub.HubUrl, time));
        _parameters = new SubscribeParameters(options, hub.HubUrl);
        _limits = new SubscriberLimits(options);
        _publish = new PublishEndpoint(options, hub, _access);
        _eventStreams = new EventStreamEndpoint(options, hub, registry, time, metrics, draining);
        _polls = new PollEndpoint(options, hub, advisor, time, metrics, draining);
        _webSockets = new WebSocketEndpoint(options, hub, registry, time, metrics, logger, draining);
        _subscriptions = new SubscriptionsEndpoint(hub, registry, _access, hubPath);
        _refusals = new Refusals(MetadataPath(hubPath), advisor);
        _crossOrigin = new CrossOriginRules(options);
    }

    /// <summary>Where a hub's metadata are (RFC 9728, section 3.1).</summary>
    public static string MetadataPath(string hubPath) => "/.well-known/oauth-protected-resource" + hubPath;

    /// <summary>Serves the hub's own URL.</summary>
    public Task HandleHubAsync(HttpContext context) => GuardAsync(context, () =>
    {
        var method = context.Request.Method;
        return HttpMethods.IsPost(method) ? _publish.HandleAsync(context)
            : HttpMethods.IsGet(method) || HttpMethods.IsConnect(method) ? SubscribeAsync(context)
            : throw new ChannelRefusal(ChannelError.MethodNotAllowed);
    });

    /// <summary>Serves the subscription API.</summary>
    public Task HandleSubscriptionsAsync(HttpContext context) => GuardAsync(context, () => _subscriptions.HandleAsync(context));

    /// <summary>Serves the metadata.</summary>
    public Task HandleMetadataAsync(HttpContext context) =>
        GuardAsync(context, () => MetadataEndpoint.WriteAsync(context, _options, _resourceIdentifier));

    public void Dispose()
    {
        _webSockets.Dispose();
        _registry.Dispose();
    }

    private async Task SubscribeAsync(HttpContext context)
    {
        var request = _parameters.Read(context);
        var access = await _access.ForSubscriberAsync(context, request.Matchers);
        var isWebSocket = WebSocketAcceptor.IsWebSocketRequest(context);
        if (isWebSocket)
        {
            _crossOrigin.CheckWebSocket(context);
        }

        // Given back here, unless a WebSocket takes it over.
        using var place = _limits.Enter(context, request, access);
        await (isWebSocket ? _webSockets.HandleAsync(context, request, access, place)
            : context.Request.Query.ContainsKey("poll") ? _polls.HandleAsync(context, request, access)
            : _eventStreams.HandleAsync(context, request, access));
    }

    private async Task GuardAsync(HttpContext context, Func<Task> handle)
    {
        if (_crossOrigin.Apply(context))
        {
            return;
        }

        try
        {
            await handle();
        }
        catch (ChannelRefusal refusal) when (!context.Response.HasStarted)
        {
            _metrics.Refused(refusal.Error.Status);
            _logger.ChannelRequestRefused(refusal.Error.Status, refusal.Message, context.Request.Method, context.Connection.RemoteIpAddress?.ToString() ?? "");
            await _refusals.WriteAsync(context, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went.
        }
    }
}
