using Starling.Messaging.Diagnostics;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>The requests of a peer that can still be cancelled. Thread-safe. Owner: the connection.</summary>
/// <param name="connection">The connection.</param>
internal sealed class RunningRequests(WireConnection connection)
{
    private readonly Lock _gate = new();
    private readonly HashSet<CancellationTokenSource> _all = [];
    private readonly Dictionary<RequestId, CancellationTokenSource> _byId = [];
    private bool _isClosed;

    /// <summary>Makes a request cancellable.</summary>
    /// <returns>What to give back to <see cref="End"/>.</returns>
    public CancellationTokenSource Begin(in RequestId id)
    {
        var source = new CancellationTokenSource();
        lock (_gate)
        {
            if (_isClosed)
            {
                source.Cancel();
            }

            // Notifications have no id to be cancelled by, yet they too end with the connection.
            _all.Add(source);
            if (id.IsPresent)
            {
                _byId[id] = source;
            }
        }

        return source;
    }

    public void End(in RequestId id, CancellationTokenSource source)
    {
        lock (_gate)
        {
            _all.Remove(source);
            if (_byId.TryGetValue(id, out var current) && current == source)
            {
                _byId.Remove(id);
            }
        }

        source.Dispose();
    }

    public void Cancel(in RequestId id)
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            _byId.TryGetValue(id, out source);
        }

        CancelLater(source);
    }

    public void CancelAll()
    {
        List<CancellationTokenSource> all;
        lock (_gate)
        {
            _isClosed = true;
            all = [.. _all];
        }

        all.ForEach(CancelLater);
    }

    /// <summary>On another thread: what a handler has registered on its token may take its time.</summary>
    private void CancelLater(CancellationTokenSource? source)
    {
        if (source is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static request =>
                {
                    try
                    {
                        request.Source.Cancel();
                    }
                    catch (ObjectDisposedException)
                    {
                        // The request ended meanwhile.
                    }
                    catch (AggregateException e)
                    {
                        // Here it would end the process.
                        request.Connection.Context.Logger.HandlerFailed(e, "a cancelled request", request.Connection.RemoteAddress);
                    }
                },
                (Source: source, Connection: connection), preferLocal: false);
        }
    }
}
