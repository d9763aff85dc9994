using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Starling.Worker.Draining;

/// <summary>
/// The open connections, whatever transport carries them, and the requests that run. Those of passed sockets are known from their beginning, others, which no
/// other worker could serve, from their first request on. Thread-safe.
/// </summary>
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<string, OpenConnection> _connections = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isDraining;
    private volatile bool _isCutting;
    private int _requests;
    private int _finished;

    public bool IsDraining => _isDraining;

    public int Count => _connections.Count;

    /// <summary>How many ended since the drain began and were not cut.</summary>
    public int Finished => Volatile.Read(ref _finished);

    /// <summary>Ends when, during the drain, nothing is open any more.</summary>
    public Task Drained => _drained.Task;

    /// <summary>Counts a connection that has not brought a request yet.</summary>
    public void Accept(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionLifetimeFeature>() is { } lifetime)
        {
            Find(connection.ConnectionId, lifetime, connection.Features);
        }
    }

    /// <summary>Counts a request; null when its connection is none that closes, as in a test server.</summary>
    public OpenConnection? Begin(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (context.Features.Get<IConnectionLifetimeFeature>() is not { } lifetime)
        {
            return null;
        }

        var connection = Find(context.Connection.Id, lifetime, context.Features);
        connection.Begin(HttpProtocol.IsHttp2(context.Request.Protocol));
        return connection;
    }

    public void End(OpenConnection? connection)
    {
        connection?.End();
        if (connection is { IsUpgraded: true })
        {
            // Either it ends now, or its transport lets it go on without HTTP and frees everything that knew it; so does this.
            Remove(connection.Id);
        }

        Interlocked.Decrement(ref _requests);
        Check();
    }

    /// <summary>Begins the drain. HTTP/2 clients are told at once: they send what was refused again elsewhere, and lose nothing.</summary>
    public void StartDrain()
    {
        _isDraining = true;
        foreach (var connection in _connections.Values)
        {
            if (connection.IsMultiplexed)
            {
                connection.RequestClose();
            }
        }

        Check();
    }

    /// <summary>Lets every connection close as soon as it has no request.</summary>
    public void CloseIdle()
    {
        foreach (var connection in _connections.Values)
        {
            connection.RequestClose();
        }
    }

    /// <summary>Cuts what is still open, and returns how many of them were in the middle of something.</summary>
    public int Cut()
    {
        var cut = 0;
        _isCutting = true;
        foreach (var connection in _connections.Values)
        {
            if (connection.IsBusy)
            {
                cut++;
            }
            else
            {
                Interlocked.Increment(ref _finished);
            }

            connection.Abort();
        }

        return cut;
    }

    private OpenConnection Find(string id, IConnectionLifetimeFeature lifetime, IFeatureCollection features)
    {
        if (_connections.TryGetValue(id, out var known))
        {
            return known;
        }

        var added = new OpenConnection(id, lifetime, features.Get<IConnectionLifetimeNotificationFeature>());
        var connection = _connections.GetOrAdd(id, added);
        if (connection == added)
        {
            lifetime.ConnectionClosed.UnsafeRegister(_ => Remove(id), null);
        }

        return connection;
    }

    private void Remove(string id)
    {
        if (_connections.TryRemove(id, out _) && _isDraining && !_isCutting)
        {
            Interlocked.Increment(ref _finished);
        }

        Check();
    }

    private void Check()
    {
        if (_isDraining && _connections.IsEmpty && Volatile.Read(ref _requests) == 0)
        {
            _drained.TrySetResult();
        }
    }
}
