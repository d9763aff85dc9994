using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Starling.Protocol.SoupBinTcp;

namespace Starling.Messaging.Multicast;

/// <summary>Asks a publisher for messages that were missed.</summary>
internal static class RecoveryClient
{
    /// <summary>Fetches the messages of a session from one number up to, not including, another.</summary>
    /// <returns>Those that the publisher still has: the last ones of the range.</returns>
    public static async Task<List<ReadOnlyMemory<byte>>> FetchAsync(
        MulticastFeedOptions options, string session, long from, long to, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.RecoveryTimeout, options.TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        List<ReadOnlyMemory<byte>> messages = [];
        try
        {
            using var socket = new Socket(options.Recovery.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(options.Recovery, limit.Token);
            await using var stream = new NetworkStream(socket, ownsSocket: false);
            var output = PipeWriter.Create(stream);
            SoupPacket.WriteLogin(output, session, from);
            await output.FlushAsync(limit.Token);
            using var beating = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            var heartbeats = SendHeartbeatsAsync(options, output, beating.Token);
            try
            {
                await ReadAsync(PipeReader.Create(stream), messages, to, limit.Token);
            }
            finally
            {
                await beating.CancelAsync();
                await heartbeats;
            }

            SoupPacket.Write(output, SoupPacketType.LogoutRequest, []);
            await output.FlushAsync(limit.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or FormatException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Part of a range would leave a hole in its middle: what could not be had to the end counts as not had.
            messages.Clear();
        }

        return messages;
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

    private static async Task ReadAsync(PipeReader input, List<ReadOnlyMemory<byte>> messages, long to, CancellationToken cancellationToken)
    {
        var next = 0L;
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (SoupPacket.TryRead(ref buffer, out var type, out var content))
            {
                switch (type)
                {
                    case SoupPacketType.LoginAccepted:
                        next = SoupPacket.ReadSession(type, content).Sequence;
                        break;
                    case SoupPacketType.LoginRejected or SoupPacketType.EndOfSession:
                        throw new IOException("The publisher does not have the session.");
                    case SoupPacketType.SequencedData when next < to && next > 0:
                        messages.Add(content.ToArray());
                        next++;
                        break;
                }
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (next >= to)
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
