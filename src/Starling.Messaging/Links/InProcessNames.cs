using System.Collections.Concurrent;

namespace Starling.Messaging.Links;

/// <summary>Who listens under which name inside this process. Thread-safe.</summary>
internal sealed class InProcessNames
{
    private readonly ConcurrentDictionary<string, Func<MessagingContext, RpcConnection>> _acceptors = new(StringComparer.Ordinal);

    /// <summary>The names belong to the process, as ports belong to the machine: two parts that know only an address must meet somewhere.</summary>
    public static InProcessNames OfThisProcess { get; } = new();

    /// <summary>Listens under a name.</summary>
    /// <returns>What ends it.</returns>
    /// <exception cref="IOException">The name is taken.</exception>
    public IDisposable Add(LinkAddress address, Func<MessagingContext, RpcConnection> accept) => _acceptors.TryAdd(address.Name, accept)
        ? new Entry(this, address.Name, accept)
        : throw new IOException($"{address} cannot be listened on: another server of this process does.");

    /// <exception cref="IOException">Nobody listens.</exception>
    public RpcConnection Connect(LinkAddress address, MessagingContext client) => _acceptors.TryGetValue(address.Name, out var accept)
        ? accept(client)
        : throw new IOException($"Nobody in this process listens on {address}.");

    private sealed class Entry(InProcessNames owner, string name, Func<MessagingContext, RpcConnection> accept) : IDisposable
    {
        public void Dispose() => owner._acceptors.TryRemove(KeyValuePair.Create(name, accept));
    }
}
