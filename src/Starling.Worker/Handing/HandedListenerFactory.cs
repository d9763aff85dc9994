using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Starling.Worker.Handing;

/// <summary>Listens on <see cref="HandedEndPoint"/> with Kestrel's own connections, unless another transport of the application takes such end points.</summary>
internal sealed class HandedListenerFactory(IServiceProvider services, IOptions<SocketTransportOptions> options, ILogger<HandedListenerFactory> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) =>
        endpoint is HandedEndPoint
        && !services.GetServices<IConnectionListenerFactory>().Any(other => other != this && other is IConnectionListenerFactorySelector selector && selector.CanBind(endpoint));

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var settings = options.Value;
        var connections = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = settings.IOQueueCount,
                MaxReadBufferSize = settings.MaxReadBufferSize,
                MaxWriteBufferSize = settings.MaxWriteBufferSize,
                WaitForDataBeforeAllocatingBuffer = settings.WaitForDataBeforeAllocatingBuffer,
                UnsafePreferInlineScheduling = settings.UnsafePreferInlineScheduling,
            },
            logger);
        return new(new HandedListener((HandedEndPoint)endpoint, connections));
    }
}
