using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Starling.Messaging.Hosting;

/// <summary>Listens while the application runs.</summary>
internal sealed class MessagingHost(RpcServer server, IOptions<MessagingEndpoints> endpoints) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var address in endpoints.Value.Addresses)
        {
            await server.ListenAsync(address, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => server.CloseAsync(cancellationToken);
}
