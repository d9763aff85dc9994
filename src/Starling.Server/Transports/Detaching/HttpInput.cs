using System.Buffers;
using System.IO.Pipelines;

namespace Starling.Server.Transports.Detaching;

/// <summary>
/// What HTTP reads of a connection: a pipe that is filled as fast as it arrives, also while a request is being handled, so that a client
/// that leaves is noticed.
/// </summary>
internal sealed class HttpInput
{
    private readonly SocketReader _source;
    private readonly Pipe _pipe;
    private readonly DetachableReader _reader;
    private readonly Task _filling;

    /// <param name="source">The connection.</param>
    /// <param name="connection">Says whether HTTP's end is the connection's.</param>
    /// <param name="options">How much may wait for HTTP, and in what memory.</param>
    /// <param name="ended">Runs when the client has left, or the connection is broken.</param>
    public HttpInput(SocketReader source, DetachableConnection connection, PipeOptions options, Action ended)
    {
        _source = source;
        _pipe = new Pipe(options);
        _reader = new DetachableReader(_pipe.Reader, connection);
        _filling = FillAsync(ended);
    }

    public PipeReader Reader => _reader;

    /// <summary>Stops filling and gives back to the connection what HTTP has not read.</summary>
    public async Task StopAsync()
    {
        _source.CancelPendingRead();
        _pipe.Writer.CancelPendingFlush();
        await _filling;
        if (!_reader.IsCompleted && _pipe.Reader.TryRead(out var rest))
        {
            _source.Unread(rest.Buffer);
        }

        await _pipe.Writer.CompleteAsync();
        await _pipe.Reader.CompleteAsync();
    }

    /// <summary>Completes when the connection has ended.</summary>
    public Task WaitForEndAsync() => _filling;

    private async Task FillAsync(Action ended)
    {
        Exception? error = null;
        var more = true;
        while (more)
        {
            try
            {
                var read = await _source.ReadAsync(CancellationToken.None);
                if (read.IsCanceled)
                {
                    return;
                }

                foreach (var segment in read.Buffer)
                {
                    _pipe.Writer.Write(segment.Span);
                }

                _source.AdvanceTo(read.Buffer.End);
                var flush = await _pipe.Writer.FlushAsync(CancellationToken.None);
                more = !read.IsCompleted && !flush.IsCompleted;
            }
            catch (IOException exception)
            {
                error = exception;
                more = false;
            }
        }

        await _pipe.Writer.CompleteAsync(error);
        ended();
    }
}
