using System.Buffers;
using System.IO.Pipelines;

namespace Starling.Supervisor.Spawning;

/// <summary>
/// Carries bytes between a process's streams and their other ends. On Windows a read of such a stream holds its thread and cannot be cancelled, so each stream has a
/// thread of its own, and what waits for the bytes waits for a <see cref="Pipe"/> instead.
/// </summary>
internal static class StreamPump
{
    private const int ChunkBytes = 16 * 1024;
    private const int StackBytes = 256 * 1024;
    private const int MaxWaitingBytes = 64 * 1024;

    /// <summary>What the source gives, as a stream whose reads hold no thread. When that is disposed, so is the source once it gives something again.</summary>
    public static Stream Read(Stream source)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: MaxWaitingBytes, resumeWriterThreshold: MaxWaitingBytes / 2, useSynchronizationContext: false));
        _ = CopyAsync(source, Write, () => pipe.Writer.Complete());
        return pipe.Reader.AsStream();

        void Write(ReadOnlySpan<byte> bytes)
        {
            pipe.Writer.Write(bytes);
            if (pipe.Writer.FlushAsync().AsTask().GetAwaiter().GetResult().IsCompleted)
            {
                throw new IOException("Nobody reads any more.");
            }
        }
    }

    /// <summary>Copies until the source ends or its bytes are not taken, then disposes the source. Completes after that, never with an error.</summary>
    public static Task CopyAsync(Stream source, Action<ReadOnlySpan<byte>> write, Action close)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(Copy, StackBytes) { IsBackground = true, Name = "Starling process stream" }.Start();
        return done.Task;

        void Copy()
        {
            var buffer = new byte[ChunkBytes];
            try
            {
                using (source)
                {
                    while (source.Read(buffer) is > 0 and var count)
                    {
                        write(buffer.AsSpan(0, count));
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The other end is closed, or a disk is full. A program sees that as it would see it itself: its stream is closed.
            }

            close();
            done.SetResult();
        }
    }
}
