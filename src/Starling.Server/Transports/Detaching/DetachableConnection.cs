using System.IO.Pipelines;
using System.Net.Sockets;
using Starling.Server.Diagnostics;
using Starling.Server.Sessions;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// A connection on which a WebSocket may outlive its HTTP request: the request is served as always, with all of the application's
/// middleware; once the connection has become a WebSocket the request ends, its objects and the web server's are freed, and the connection
/// goes on without them, straight on its socket.
/// </summary>
/// <remarks>Owner: its <see cref="SocketConnection"/> while HTTP uses it, then its listener's <see cref="DetachedConnections"/>.</remarks>
internal sealed class DetachableConnection : IDuplexPipe
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DiscardTimeout = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly DetachedConnections _owner;
    private readonly SocketReader _reader;
    private readonly SocketWriter _writer;
    private HttpInput? _http;
    private Func<Task>? _continuation;
    private bool _isDetached;

    /// <param name="socket">The accepted socket; owned.</param>
    /// <param name="options">The pipe from which HTTP reads.</param>
    /// <param name="owner">Who keeps it once it is detached.</param>
    /// <param name="ended">Runs when the client has left while HTTP uses the connection.</param>
    public DetachableConnection(Socket socket, PipeOptions options, DetachedConnections owner, Action ended)
    {
        socket.Blocking = false;
        _socket = socket;
        _owner = owner;
        Flushes = owner.NextFlushes();
        _reader = new SocketReader(socket);
        _writer = new SocketWriter(socket);
        _http = new HttpInput(_reader, this, options, ended);
    }

    /// <summary>The reading end: HTTP's, then that of whoever took the connection over.</summary>
    public PipeReader Input => _http is { } http ? http.Reader : _reader;

    /// <summary>The writing end.</summary>
    public PipeWriter Output => _writer;

    /// <summary>Flushes what is sent to the WebSocket outside of the handling of its own messages.</summary>
    public FlushQueue Flushes { get; }

    /// <summary>Whether the connection will go on when HTTP has ended, or does so already.</summary>
    public bool IsDetached => _isDetached;

    /// <summary>Makes the connection go on with <paramref name="continuation"/> once the HTTP request has ended.</summary>
    /// <param name="continuation">Has to call <see cref="EndAsync"/> in the end, and does not throw after it has begun to wait.</param>
    public void Detach(Func<Task> continuation)
    {
        _continuation = continuation;
        _isDetached = true;
    }


    /// <summary>Cuts the connection.</summary>
    public void Abort() => _socket.Dispose();

    /// <summary>Takes the connection from HTTP, which has ended, and lets it go on.</summary>
    public async Task GoOnAsync()
    {
        var continuation = _continuation!;
        _continuation = null;
        try
        {
            await _http!.StopAsync();
        }
        catch (Exception exception)
        {
            // Who goes on has still to learn, by its first read, that this is the end.
            Report(exception);
            Abort();
        }

        _http = null;
        try
        {
            _ = continuation();
        }
        catch (Exception exception)
        {
            Report(exception);
            await EndAsync();
        }
    }

    /// <summary>Logs what went wrong when nobody else is there to be told.</summary>
    public void Report(Exception exception) => _owner.Logger.DetachedConnectionFailed(exception);

    /// <summary>Ends a connection that went on without HTTP.</summary>
    /// <param name="hasUnread">Whether the client may still be sending.</param>
    public async ValueTask EndAsync(bool hasUnread = false)
    {
        await CloseAsync(hasUnread);
        _owner.Remove(this);
    }

    /// <summary>Ends the connection after what was written is sent, for which a peer that does not read gets some seconds.</summary>
    /// <param name="hasUnread">
    /// Whether the client may still be sending. A socket that is closed with unread input is reset, and the client loses what was sent to it
    /// last: so it is closed for writing only, and its input is discarded until the client has closed as well, or some seconds are over.
    /// </param>
    public async ValueTask CloseAsync(bool hasUnread = false)
    {
        if (_writer.DrainAsync() is { IsCompleted: false } draining)
        {
            await Task.WhenAny(draining, Task.Delay(DrainTimeout, _owner.Time));
        }

        var discarding = Task.CompletedTask;
        try
        {
            if (hasUnread || _socket.Available > 0)
            {
                _socket.Shutdown(SocketShutdown.Send);
                discarding = DiscardAsync();
                await discarding.WaitAsync(DiscardTimeout, _owner.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer, or an abort, was first.
        }

        _socket.Dispose();
        await discarding;

        // Only then is the reader nobody's: its buffer given back twice would be lent to two connections at once.
        if (_http is { } http)
        {
            await http.WaitForEndAsync();
        }

        _reader.Complete();
    }

    private async Task DiscardAsync()
    {
        if (_http is { } http)
        {
            await http.WaitForEndAsync();
        }

        try
        {
            ReadResult read;
            do
            {
                read = await _reader.ReadAsync(CancellationToken.None);
                _reader.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted && !read.IsCanceled);
        }
        catch (IOException)
        {
            // The peer has reset the connection, or time was over and the socket is closed.
        }
    }
}
