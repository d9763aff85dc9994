namespace Starling.Supervisor.Spawning;

/// <summary>
/// The standard input of a process started by <see cref="System.Diagnostics.Process"/>. On Windows a write holds its thread until the program reads, so it gets a
/// thread for that time; it ends when the program reads or ends, not by cancellation.
/// </summary>
internal sealed class InputStream(Stream input) : Stream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            input.Write(buffer);
            input.Flush();
        }
        catch (IOException exception)
        {
            throw new IOException($"The process does not read its input any more: {exception.Message}", exception);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Task.Factory.StartNew(() => Write(buffer.Span), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                input.Dispose();
            }
            catch (IOException)
            {
                // It tries once more to write what the program did not read; the write has told so.
            }
        }

        base.Dispose(disposing);
    }
}
