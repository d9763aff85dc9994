using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// Lets a WebSocket outlive its HTTP request: the request is served as always, with all of the application's middleware; once the
/// connection has become a WebSocket the request ends, its objects are freed, and the connection goes on without them.
/// </summary>
/// <remarks>
/// Stands between Kestrel's transport and its HTTP layer. When HTTP ends it completes the connection's pipes, which is kept from them if the
/// connection was detached, and its heartbeat callbacks, which refer to the request's objects, are dropped. Life time: the connection's.
/// </remarks>
internal sealed class DetachableConnection : IDuplexPipe, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IDuplexPipe _transport;
    private List<(Action<object> Callback, object State)>? _heartbeats;
    private Func<Task>? _continuation;

    private DetachableConnection(ConnectionContext connection)
    {
        _connection = connection;
        _transport = connection.Transport;
        Input = new DetachableReader(_transport.Input, this);
        Output = new DetachableWriter(_transport.Output, this);
    }

    /// <summary>The reading end for HTTP.</summary>
    public PipeReader Input { get; private set; }

    /// <summary>The writing end for HTTP.</summary>
    public PipeWriter Output { get; private set; }

    /// <summary>The connection's own pipes, for whoever takes it over.</summary>
    public IDuplexPipe Transport => _transport;

    /// <summary>Whether the connection will go on when HTTP has ended.</summary>
    public bool IsDetached => _continuation is not null;

    /// <summary>Serves a connection.</summary>
    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        var detachable = new DetachableConnection(connection);
        connection.Transport = detachable;
        detachable.InterceptHeartbeats();
        try
        {
            await http(connection);
        }
        finally
        {
            if (detachable._continuation is { } continuation)
            {
                detachable.Release();
                await continuation();
                await connection.Transport.Input.CompleteAsync();
                await connection.Transport.Output.CompleteAsync();
            }
        }
    }

    /// <summary>Makes the connection go on with <paramref name="continuation"/> once the HTTP request has ended.</summary>
    public void Detach(Func<Task> continuation) => _continuation = continuation;

    /// <summary>Cuts the connection.</summary>
    public void Abort() => _connection.Abort(new ConnectionAbortedException("The WebSocket was ended by the server."));

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        lock (_transport)
        {
            (_heartbeats ??= []).Add((action, state));
        }
    }

    private void InterceptHeartbeats()
    {
        if (_connection.Features.Get<IConnectionHeartbeatFeature>() is { } feature)
        {
            feature.OnHeartbeat(static state => ((DetachableConnection)state).Beat(), this);
            _connection.Features.Set<IConnectionHeartbeatFeature>(this);
        }
    }

    private void Beat()
    {
        List<(Action<object> Callback, object State)>? heartbeats;
        lock (_transport)
        {
            heartbeats = _heartbeats;
        }

        foreach (var (callback, state) in heartbeats ?? [])
        {
            callback(state);
        }
    }

    private void Release()
    {
        _connection.Transport = _transport;
        lock (_transport)
        {
            _heartbeats = null;
        }

        Input = _transport.Input;
        Output = _transport.Output;
        _continuation = null;
    }
}
