using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Starling.Protocol.SoupBinTcp;

namespace Starling.Messaging.Multicast;

/// <summary>Asks a publisher for messages that were missed.</summary>
internal static class RecoveryClient
{
    private const int Attempts = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Fetches the messages of a session from one number up to, not including, another. A connection that breaks is made again, a few times in a row if nothing comes, and goes on
    /// where it was.
    /// </summary>
    /// <returns>What could be had, without a hole: usually the last ones of the range, for the publisher forgets the oldest.</returns>
    public static async Task<RecoveredRange> FetchAsync(
        MulticastFeedOptions options, string session, long from, long to, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.RecoveryTimeout, options.TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var range = new RecoveredRange(from, to);
        for (var failures = 0; ; failures++)
        {
            var had = range.Messages.Count;
            try
            {
                await FetchOnceAsync(options, session, range, limit.Token);
                break;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is SocketException or IOException or FormatException)
            {
                failures = range.Messages.Count > had ? 0 : failures;
                if (failures == Attempts - 1 || !await PauseAsync(options, FirstPause * (1 << failures), limit.Token))
                {
                    break;
                }
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return range;
    }

    /// <summary>Asks the publisher for the number of its next message, once.</summary>
    /// <returns>The number; null when it does not answer, or for another session.</returns>
    public static async Task<long?> FetchNextAsync(MulticastFeedOptions options, string session, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.RecoveryTimeout, options.TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            // Number 0 asks for what comes next; the acceptance says which that is.
            var range = new RecoveredRange(0, long.MaxValue);
            await FetchOnceAsync(options, session, range, limit.Token);
            return range.First > 0 ? range.First : null;
        }
        catch (Exception e) when (e is SocketException or IOException or FormatException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <returns>False when there is no time left.</returns>
    private static async Task<bool> PauseAsync(MulticastFeedOptions options, TimeSpan pause, CancellationToken limit)
    {
        await Task.Delay(pause, options.TimeProvider, limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !limit.IsCancellationRequested;
    }

    private static async Task FetchOnceAsync(MulticastFeedOptions options, string session, RecoveredRange range, CancellationToken cancellationToken)
    {
        using var socket = new Socket(options.Recovery.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(options.Recovery, cancellationToken);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var output = PipeWriter.Create(stream);
        SoupPacket.WriteLogin(output, session, range.Next);
        await output.FlushAsync(cancellationToken);
        using var beating = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var heartbeats = SendHeartbeatsAsync(options, output, beating.Token);
        try
        {
            await ReadAsync(PipeReader.Create(stream), range, cancellationToken);
        }
        finally
        {
            await beating.CancelAsync();
            await heartbeats;
        }

        SoupPacket.Write(output, SoupPacketType.LogoutRequest, []);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>The server ends a session of whose client it hears nothing.</summary>
    private static async Task SendHeartbeatsAsync(MulticastFeedOptions options, PipeWriter output, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.HeartbeatInterval, options.TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                SoupPacket.Write(output, SoupPacketType.ClientHeartbeat, []);
                await output.FlushAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It has what it wants, or the connection is gone, which the reading finds, too.
        }
    }

    private static async Task ReadAsync(PipeReader input, RecoveredRange range, CancellationToken cancellationToken)
    {
        var isIn = false;
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (SoupPacket.TryRead(ref buffer, out var type, out var content))
            {
                switch (type)
                {
                    case SoupPacketType.LoginAccepted:
                        isIn = true;
                        range.BeginAt(SoupPacket.ReadSession(type, content).Sequence);
                        break;
                    case SoupPacketType.LoginRejected or SoupPacketType.EndOfSession:
                        // The publisher does not have the session, and will not have it later.
                        return;
                    case SoupPacketType.ServerHeartbeat when isIn:
                        // It has sent all that it has. A message is kept before it goes out, so that whoever named a later one did not get it from there.
                        range.Deny();
                        break;
                    case SoupPacketType.SequencedData when isIn && !range.IsComplete:
                        range.Messages.Add(content.ToArray());
                        break;
                }
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (isIn && range.IsComplete)
            {
                return;
            }

            if (result.IsCompleted)
            {
                throw new IOException("The publisher closed the connection.");
            }
        }
    }
}
