using System.Net.Sockets;
using Starling.Supervisor.Keeping;

namespace Starling.Supervisor.Sockets;

/// <summary>The listening sockets of all applications, by address. Owned by the supervisor; safe for use by several threads.</summary>
internal sealed class SharedSockets(IDescriptorStore store)
{
    private const string StorePrefix = "listen:";

    private readonly Dictionary<string, SharedSocket> _sockets = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Opens the socket of an address, or takes part in the one that is open. <see cref="ReleaseAsync"/> ends the part.</summary>
    /// <param name="key">What tells it from others: two applications that name one address share its socket.</param>
    /// <param name="open">Opens it.</param>
    /// <param name="cancellationToken">Ends the wait for the keeper.</param>
    /// <exception cref="SocketException">The address is in use, or may not be used.</exception>
    public async ValueTask<SharedSocket> AcquireAsync(string key, Func<Socket> open, CancellationToken cancellationToken)
    {
        SharedSocket? shared;
        lock (_lock)
        {
            if (_sockets.TryGetValue(key, out shared))
            {
                shared.Users++;
                return shared;
            }

            shared = new SharedSocket(key, open()) { Users = 1 };
            _sockets[key] = shared;
        }

        try
        {
            await store.StoreAsync(StorePrefix + key, shared.Handle, cancellationToken);
            return shared;
        }
        catch
        {
            await ReleaseAsync(shared);
            throw;
        }
    }

    /// <summary>Takes part in all open sockets whose key begins so.</summary>
    public IReadOnlyList<SharedSocket> Claim(string prefix)
    {
        lock (_lock)
        {
            SharedSocket[] claimed = [.. _sockets.Values.Where(shared => shared.Key.StartsWith(prefix, StringComparison.Ordinal))];
            Array.ForEach(claimed, shared => shared.Users++);
            return claimed;
        }
    }

    public async ValueTask ReleaseAsync(SharedSocket shared)
    {
        lock (_lock)
        {
            if (--shared.Users > 0)
            {
                return;
            }

            _sockets.Remove(shared.Key);
            shared.Dispose();
        }

        await store.RemoveAsync(StorePrefix + shared.Key);
    }

    /// <summary>Takes back the sockets that a former supervisor opened. They are used by nobody yet.</summary>
    public void Adopt(IDictionary<string, Microsoft.Win32.SafeHandles.SafeFileHandle> kept)
    {
        foreach (var name in kept.Keys.Where(name => name.StartsWith(StorePrefix, StringComparison.Ordinal)).ToArray())
        {
            kept.Remove(name, out var handle);
            var key = name[StorePrefix.Length..];
            _sockets[key] = SharedSocket.Attach(key, handle!);
        }
    }

    /// <summary>Closes what was adopted and is used by nobody.</summary>
    public async ValueTask CloseUnusedAsync()
    {
        foreach (var shared in _sockets.Values.Where(shared => shared.Users == 0).ToArray())
        {
            shared.Users = 1;
            await ReleaseAsync(shared);
        }
    }
}
