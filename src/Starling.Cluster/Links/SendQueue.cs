using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Starling.Cluster.Links;

/// <summary>What waits to be sent to one node: bytes in pooled blocks, sent many at a time. Thread-safe.</summary>
/// <remarks>Owner: its link. Adding never waits; what is not read by the peer is bounded by the link's limit.</remarks>
internal sealed class SendQueue(Socket socket, int maxBytes)
{
    private const int BlockBytes = 16 * 1024;

    /// <summary>Blocks in one system call.</summary>
    private const int MaxBatch = 64;

    private readonly Lock _gate = new();
    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: BlockBytes, useSynchronizationContext: false));

    private long _waiting;
    private bool _ended;

    /// <summary>Appends a frame.</summary>
    /// <returns>False if too much waits already. What was ended takes nothing, and that is no failure.</returns>
    public bool TryAdd(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return true;
            }

            if (Interlocked.Add(ref _waiting, frame.Length) > maxBytes)
            {
                return false;
            }

            _pipe.Writer.Write(frame);

            // Completes at once, since there is no threshold; the loop that sends is woken on the pool.
            var flush = _pipe.Writer.FlushAsync(CancellationToken.None);
            return flush.IsCompleted && !flush.Result.IsCanceled;
        }
    }

    /// <summary>Takes nothing more; what waits is still sent.</summary>
    public void End()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _ended = true;
                _pipe.Writer.Complete();
            }
        }
    }

    /// <summary>Sends until the queue is ended and empty.</summary>
    /// <exception cref="SocketException">The peer is gone.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed here.</exception>
    public async Task RunAsync()
    {
        var blocks = new List<ArraySegment<byte>>(MaxBatch);
        try
        {
            while (true)
            {
                var read = await _pipe.Reader.ReadAsync();
                var rest = read.Buffer;
                while (!rest.IsEmpty)
                {
                    rest = rest.Slice(await SendAsync(rest, blocks));
                }

                _pipe.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        finally
        {
            End();
            await _pipe.Reader.CompleteAsync();
        }
    }

    private async ValueTask<int> SendAsync(ReadOnlySequence<byte> bytes, List<ArraySegment<byte>> blocks)
    {
        int sent;
        if (bytes.IsSingleSegment)
        {
            sent = await socket.SendAsync(bytes.First);
        }
        else
        {
            blocks.Clear();
            foreach (var block in bytes)
            {
                if (blocks.Count == MaxBatch || !MemoryMarshal.TryGetArray(block, out var segment))
                {
                    break;
                }

                blocks.Add(segment);
            }

            sent = await socket.SendAsync(blocks);
        }

        Interlocked.Add(ref _waiting, -sent);
        return sent;
    }
}
