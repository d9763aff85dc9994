using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Starling.Cluster.Diagnostics;
using Starling.Cluster.Links;
using Starling.Cluster.Wire;

namespace Starling.Cluster.Discovery;

/// <summary>
/// Keeps a node linked with all others of its folder: it connects to those that are older, and the younger ones connect to it, so that
/// there is one link between two. Owner: the backplane. Thread-safe.
/// </summary>
internal sealed class Membership : IAsyncDisposable
{
    /// <summary>How long one that connected may take to greet.</summary>
    private static readonly TimeSpan GreetingTimeout = TimeSpan.FromSeconds(10);

    private readonly ClusterFolder _folder;
    private readonly ClusterNode _node;
    private readonly LocalClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly byte[] _greeting;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _left = new();
    private readonly HashSet<string> _connecting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private NodeListener? _listener;
    private ITimer? _timer;

    public Membership(ClusterFolder folder, ClusterNode node, LocalClusterOptions options, TimeProvider time, ILogger log)
    {
        _folder = folder;
        _node = node;
        _options = options;
        _time = time;
        _log = log;
        _greeting = Greeting.Write(node.Name);
    }

    /// <summary>Opens this node's socket and waits until all that are in the folder are linked, or have not answered in time.</summary>
    /// <exception cref="IOException">The socket cannot be opened.</exception>
    public async Task JoinAsync()
    {
        Listen();
        var present = Others();
        Search();
        _timer = _time.CreateTimer(static state => ((Membership)state!).Search(), this, _options.SearchInterval, _options.SearchInterval);
        using var limit = new CancellationTokenSource(_options.PeerTimeout, _time);
        try
        {
            while (true)
            {
                var changed = _node.Changed;
                if (!present.Exists(IsAwaited))
                {
                    break;
                }

                await changed.WaitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            foreach (var name in present.Where(IsAwaited))
            {
                _log.PeerSilent(name, _options.PeerTimeout);
            }
        }

        _log.Joined(_node.Name, _folder.ToString(), _node.Links().Length);
    }

    /// <summary>Cannot be found and finds nobody any more. Links stay.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        lock (_gate)
        {
            _left.Cancel();
            _listener?.Dispose();
            _listener = null;
        }
    }

    private bool IsAwaited(string name)
    {
        lock (_gate)
        {
            if (_refused.Contains(name))
            {
                return false;
            }
        }

        return _node.Find(name) is { } link ? !link.IsSettled : File.Exists(_folder.SocketOf(name));
    }

    private List<string> Others() => [.. _folder.Names().Where(name => name != _node.Name)];

    private void Listen()
    {
        var listener = new NodeListener(_folder, _node.Name);
        lock (_gate)
        {
            _listener = listener;
        }

        _ = AcceptAsync(listener);
    }

    /// <summary>Connects to those that are not linked. Quick: it only begins what takes time.</summary>
    private void Search()
    {
        try
        {
            lock (_gate)
            {
                if (_left.IsCancellationRequested)
                {
                    return;
                }

                if (_listener is { IsVisible: false })
                {
                    _log.SocketMissing(_folder.ToString());
                    _listener.Dispose();
                    _folder.Make();
                    Listen();
                }

                foreach (var name in Others())
                {
                    if (NodeName.Connects(_node.Name, name) && !_refused.Contains(name) && _connecting.Add(name))
                    {
                        _ = Task.Run(() => ConnectAsync(name));
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _log.SearchFailed(_folder.ToString(), exception);
        }
    }

    private async Task ConnectAsync(string name)
    {
        var began = _time.GetTimestamp();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_folder.SocketOf(name)), _left.Token);

            // A stopped process is waited for here without limit: it answers as soon as it goes on.
            await KeepAsync(socket, name, _left.Token);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            RemoveStale(name);
        }
        catch (SocketException exception)
        {
            _log.NotConnected(name, exception);
        }
        catch (OperationCanceledException)
        {
            // Left.
        }
        finally
        {
            socket.Dispose();
            lock (_gate)
            {
                _connecting.Remove(name);
            }

            _node.SignalChange();
        }

        // What lasted was a link that broke: it is made anew at once. What did not last is tried again at the next search.
        if (_time.GetElapsedTime(began) > _options.SearchInterval)
        {
            Search();
        }
    }

    private async Task AcceptAsync(NodeListener listener)
    {
        while (!_left.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_left.Token);
                _ = AcceptedAsync(socket);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                lock (_gate)
                {
                    if (_listener != listener)
                    {
                        return;
                    }
                }

                _log.AcceptFailed(exception);
                await Task.Delay(_options.SearchInterval, _time, CancellationToken.None);
            }
        }
    }

    private async Task AcceptedAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(GreetingTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _left.Token);
        try
        {
            await KeepAsync(socket, expected: null, either.Token);
        }
        catch (OperationCanceledException)
        {
            // Said nothing, or this node leaves.
        }
        finally
        {
            socket.Dispose();
        }
    }

    /// <summary>Greets and keeps the link until it ends.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="expected">The node that was connected to; null where it connected.</param>
    /// <param name="greeting">Ends the wait for the greeting.</param>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever another process sent or caused ends its link and nothing else.")]
    private async Task KeepAsync(Socket socket, string? expected, CancellationToken greeting)
    {
        using var link = new PeerLink(socket, _options, _log);
        try
        {
            await link.GreetAsync(_greeting, greeting);
            if (expected is not null ? link.Name != expected : !NodeName.Connects(link.Name, _node.Name))
            {
                throw new WireException($"its name is {link.Name}, which it cannot have here");
            }

            // A node that connects anew has ended its former link. What came by that one is handed on first.
            if (_node.Find(link.Name) is { } former)
            {
                await former.CloseAsync(_options.PeerTimeout, _time);
                await former.Ended;
            }

            await _node.RunAsync(link);
        }
        catch (VersionException exception)
        {
            _log.PeerVersion(expected ?? "that connected", exception.Message);
            if (expected is not null)
            {
                lock (_gate)
                {
                    _refused.Add(expected);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            _log.NotConnected(expected ?? "that connected", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _log.PeerGarbled(expected ?? "that connected", exception.Message);
        }
    }

    private void RemoveStale(string name)
    {
        var path = _folder.SocketOf(name);
        try
        {
            File.Delete(path);
            _log.StaleRemoved(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _log.StaleKept(path, exception);
        }
    }
}
