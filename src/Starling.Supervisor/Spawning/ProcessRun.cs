using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Starling.Supervisor.Spawning;

/// <summary>
/// Runs a program to its end: with its whole output at once, or line by line as it comes. On Windows as well; a program that must end is ended there by force, with all
/// that it started.
/// </summary>
public static class ProcessRun
{
    private const int ChunkBytes = 16 * 1024;
    private const int MaxQueuedLines = 1024;

    /// <summary>Runs a program and collects what it writes.</summary>
    /// <param name="options">What to run; its output and error are collected whatever is said here.</param>
    /// <param name="limits">Limits.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="SpawnException">It cannot be started.</exception>
    /// <exception cref="IOException">On Windows: it, or something that it started, could not be ended; the message says why.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the program has ended.</exception>
    public static async Task<RunResult> ToEndAsync(SpawnOptions options, RunOptions? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        limits ??= new RunOptions();
        using var child = ProcessSpawner.Spawn(Piped(options, limits));
        using var end = new RunEnd(child, limits, cancellationToken);
        var input = WriteInputAsync(child, limits);
        var output = CollectAsync(child.StandardOutput!, limits.MaxOutputBytes, end);
        var error = CollectAsync(child.StandardError!, limits.MaxOutputBytes, end);
        var status = await end.WaitAsync();
        var result = new RunResult(status, await output, await error, end.HasTimedOut, end.IsTruncated);
        await input;
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    /// <summary>Runs a program and hands out its lines as they come. Leaving the loop ends the program.</summary>
    /// <param name="options">What to run; its output and error are read whatever is said here.</param>
    /// <param name="limits">Limits; the output is bounded by how fast lines are taken, not in all.</param>
    /// <param name="onExited">Told how the program ended, before the sequence ends.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="SpawnException">It cannot be started.</exception>
    /// <exception cref="IOException">On Windows: it, or something that it started, could not be ended; the message says why.</exception>
    public static async IAsyncEnumerable<OutputLine> LinesAsync(
        SpawnOptions options, RunOptions? limits = null, Action<ExitStatus>? onExited = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        limits ??= new RunOptions();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var child = ProcessSpawner.Spawn(Piped(options, limits));
        using var end = new RunEnd(child, limits, left.Token);
        var lines = Channel.CreateBounded<OutputLine>(MaxQueuedLines);
        var input = WriteInputAsync(child, limits);
        var readers = Task.WhenAll(ReadLinesAsync(child.StandardOutput!, false, lines.Writer, end.Ended), ReadLinesAsync(child.StandardError!, true, lines.Writer, end.Ended));
        _ = readers.ContinueWith(_ => lines.Writer.Complete(), TaskScheduler.Default);
        var isComplete = false;
        try
        {
            while (await lines.Reader.WaitToReadAsync(CancellationToken.None))
            {
                while (lines.Reader.TryRead(out var line))
                {
                    yield return line;
                }
            }

            isComplete = true;
        }
        finally
        {
            if (!isComplete)
            {
                await left.CancelAsync();
            }

            var status = await end.WaitAsync();
            await input;
            onExited?.Invoke(status);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static SpawnOptions Piped(SpawnOptions options, RunOptions limits) => options with
    {
        Input = limits.Input is null ? options.Input : StandardStream.Pipe,
        Output = StandardStream.Pipe,
        Error = StandardStream.Pipe,
    };

    private static async Task WriteInputAsync(ChildProcess child, RunOptions limits)
    {
        if (limits.Input is not { } input || child.StandardInput is not { } stream)
        {
            return;
        }

        try
        {
            await stream.WriteAsync(input);
        }
        catch (IOException)
        {
            // The program does not want to read it all, which is its right.
        }

        await stream.DisposeAsync();
    }

    private static async Task<ReadOnlyMemory<byte>> CollectAsync(Stream stream, int limit, RunEnd end)
    {
        var collected = new ArrayBufferWriter<byte>();
        try
        {
            while (await stream.ReadAsync(collected.GetMemory(ChunkBytes), end.Ended) is > 0 and var count)
            {
                collected.Advance(count);
                if (collected.WrittenCount > limit)
                {
                    end.OnTooMuch();
                    return collected.WrittenMemory[..limit];
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program has ended, but somebody that it started still holds the stream.
        }

        return collected.WrittenMemory;
    }

    private static async Task ReadLinesAsync(Stream stream, bool isError, ChannelWriter<OutputLine> lines, CancellationToken ended)
    {
        using var reader = new StreamReader(stream, bufferSize: ChunkBytes);
        try
        {
            while (await reader.ReadLineAsync(ended) is { } line)
            {
                await lines.WriteAsync(new OutputLine(isError, line), ended);
            }
        }
        catch (OperationCanceledException)
        {
            // As above.
        }
    }
}
