using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Starling.Protocol.SoupBinTcp;

namespace Starling.Messaging.Multicast;

/// <summary>Sends the messages of a publisher again, from any number on, over TCP in the format of SoupBinTCP. Owner: the publisher.</summary>
internal sealed class RecoveryServer : IAsyncDisposable
{
    private const int MaxConnections = 256;
    private const int Batch = 512;

    private static readonly TimeSpan LoginPatience = TimeSpan.FromSeconds(10);

    // SoupBinTCP's: a client says something every second.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(15);

    private readonly Socket _listener;
    private readonly MulticastFeedOptions _options;
    private readonly string _session;
    private readonly FeedHistory _history;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _places = new(MaxConnections);

    public RecoveryServer(MulticastFeedOptions options, string session, FeedHistory history)
    {
        _options = options;
        _session = session;
        _history = history;
        _listener = new Socket(options.Recovery.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(options.Recovery);
            _listener.Listen();
        }
        catch (SocketException)
        {
            _listener.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _ = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await _places.WaitAsync(_closing.Token);
                _ = ServeAsync(await _listener.AcceptAsync(_closing.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // Out of file descriptors, most likely: it passes when others close.
                _places.Release();
                await Task.Delay(TimeSpan.FromMilliseconds(100), _options.TimeProvider, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await SendAsync(PipeReader.Create(stream), PipeWriter.Create(stream));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or FormatException or TimeoutException)
        {
            // The subscriber has gone, is silent, does not read, or speaks something else.
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task SendAsync(PipeReader input, PipeWriter output)
    {
        var (session, next) = await LogInAsync(input);
        if (!string.IsNullOrWhiteSpace(session) && session != _session)
        {
            // 'S': the session is not available.
            SoupPacket.Write(output, SoupPacketType.LoginRejected, "S"u8);
            await FlushAsync(output, _closing.Token);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        var hearing = HearAsync(input, ending);
        try
        {
            await SendAsync(output, next, ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
            await hearing;
        }
    }

    private async Task SendAsync(PipeWriter output, long next, CancellationToken cancellationToken)
    {
        // From the oldest that is kept, if the wanted one is not, and not from what nobody has published: the acceptance says which comes first.
        var end = _history.Next;
        next = _history.From(next == 0 ? end : Math.Min(next, end), 0).First;
        SoupPacket.WriteAccepted(output, _session, next);
        var hasToldEnd = false;
        while (true)
        {
            var (messages, first, more) = _history.From(next, Batch);
            if (first > next)
            {
                // What it has not read in time is forgotten; it must ask anew, or it would count wrongly.
                return;
            }

            foreach (var message in messages)
            {
                SoupPacket.Write(output, SoupPacketType.SequencedData, message.Span);
            }

            await FlushAsync(output, cancellationToken);
            next += messages.Count;
            if (messages.Count == 0 && !hasToldEnd)
            {
                // At once, so that the subscriber knows that it has everything.
                hasToldEnd = true;
                SoupPacket.Write(output, SoupPacketType.ServerHeartbeat, []);
                continue;
            }

            if (messages.Count == 0 && await Task.WhenAny(more, Task.Delay(_options.HeartbeatInterval, _options.TimeProvider, cancellationToken)) != more)
            {
                cancellationToken.ThrowIfCancellationRequested();
                SoupPacket.Write(output, SoupPacketType.ServerHeartbeat, []);
            }
        }
    }

    private Task<FlushResult> FlushAsync(PipeWriter output, CancellationToken cancellationToken) =>
        output.FlushAsync(cancellationToken).AsTask().WaitAsync(SendLimit, _options.TimeProvider, cancellationToken);

    /// <summary>Reads what a subscriber says after its login, and ends its session when it leaves or is silent for too long.</summary>
    private async Task HearAsync(PipeReader input, CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(ending.Token).AsTask().WaitAsync(SilenceLimit, _options.TimeProvider, ending.Token);
                var buffer = result.Buffer;
                while (SoupPacket.TryRead(ref buffer, out var type, out _))
                {
                    if (type == SoupPacketType.LogoutRequest)
                    {
                        return;
                    }
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    // It may still read; that it says nothing any more is certain.
                    await Task.Delay(SilenceLimit, _options.TimeProvider, ending.Token);
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or FormatException or TimeoutException)
        {
            // As above.
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    private async Task<(string Session, long Sequence)> LogInAsync(PipeReader input)
    {
        using var patience = new CancellationTokenSource(LoginPatience, _options.TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, patience.Token);
        return await ReadLoginAsync(input, limit.Token);
    }

    private static async Task<(string Session, long Sequence)> ReadLoginAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (SoupPacket.TryRead(ref buffer, out var type, out var content))
            {
                var login = type == SoupPacketType.LoginRequest ? SoupPacket.ReadSession(type, content) : throw new FormatException("A login was due.");
                input.AdvanceTo(buffer.Start);
                return login;
            }

            if (result.IsCompleted || buffer.Length > 64)
            {
                throw new FormatException("A login was due.");
            }

            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
