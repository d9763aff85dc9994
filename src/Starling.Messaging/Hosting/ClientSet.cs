using Microsoft.Extensions.Options;

namespace Starling.Messaging.Hosting;

/// <summary>One client for each address that the application uses. Owner: the container, which closes them. Thread-safe.</summary>
internal sealed class ClientSet(IOptions<MessagingOptions> options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RpcClient> _clients = new(StringComparer.Ordinal);

    public RpcClient Get(string address)
    {
        lock (_gate)
        {
            if (!_clients.TryGetValue(address, out var client))
            {
                client = RpcClient.Start(address, services: null, options.Value);
                _clients.Add(address, client);
            }

            return client;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync();
        }
    }
}
