using System.Buffers;
using Starling.Apps.LogReport.Formats;

namespace Starling.Apps.LogReport.Reading;

/// <summary>Cuts a stream, such as a compressed file, into chunks of whole lines, so that reading it and parsing it are done by different threads.</summary>
internal static class StreamPump
{
    private const int ChunkBytes = 512 * 1024;

    /// <summary>Reads a source to its end.</summary>
    /// <param name="source">The source.</param>
    /// <param name="take">Takes each chunk; may block to slow the reading down.</param>
    /// <param name="onRead">Is told how many bytes of the file have been read.</param>
    /// <param name="cancellationToken">Ends the work between two chunks.</param>
    /// <exception cref="SourceException">The source cannot be read to its end, or its format is not recognised.</exception>
    public static void Run(LogSource source, Action<StreamChunk> take, Action<long> onRead, CancellationToken cancellationToken)
    {
        using var stream = source.OpenStream();
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        var held = 0;
        var offset = 0L;
        var position = 0L;
        var isSkipping = false;
        for (var index = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (read, failure) = Fill(stream, buffer.AsSpan(held));
            onRead(source.StreamPosition - position);
            position = source.StreamPosition;
            held += read;
            if (isSkipping)
            {
                // The rest of a line that was too long.
                var end = buffer.AsSpan(0, held).IndexOf((byte)'\n') + 1;
                isSkipping = end == 0;
                var passed = isSkipping ? held : end;
                buffer.AsSpan(passed, held - passed).CopyTo(buffer);
                held -= passed;
                offset += passed;
            }

            var isLast = failure is not null || read == 0;
            var whole = isLast ? held : buffer.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
            if (whole == 0 && held == buffer.Length)
            {
                whole = held;
                isSkipping = true;
            }

            if (whole > 0)
            {
                if (source.Format == LogFormat.Auto)
                {
                    source.Format = FormatGuess.Of(buffer.AsSpan(0, whole)) ?? throw LogSource.NotRecognised();
                }

                var next = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                buffer.AsSpan(whole, held - whole).CopyTo(next);
                take(new StreamChunk(source, index++, offset, buffer, whole));
                buffer = next;
                held -= whole;
                offset += whole;
            }

            if (failure is not null)
            {
                throw failure;
            }

            if (isLast)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                return;
            }
        }
    }

    // What comes before an error in a damaged file counts.
    private static (int Read, SourceException? Failure) Fill(Stream stream, Span<byte> buffer)
    {
        var read = 0;
        try
        {
            while (read < buffer.Length && stream.Read(buffer[read..]) is > 0 and var more)
            {
                read += more;
            }
        }
        catch (Exception exception) when (SourceException.IsOfSource(exception))
        {
            return (read, SourceException.From(exception));
        }

        return (read, null);
    }
}
