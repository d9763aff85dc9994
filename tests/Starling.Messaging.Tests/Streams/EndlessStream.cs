namespace Starling.Messaging.Tests.Streams;

/// <summary>Gives bytes for as long as somebody asks, and counts them.</summary>
internal sealed class EndlessStream : Stream
{
    private long _given;

    public long FailsAfter { get; init; } = long.MaxValue;

    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Waits until nothing has been asked for during 200 ms.</summary>
    /// <param name="mayBeUntouched">Whether nothing at all may have been asked for.</param>
    public async Task<long> WaitUntilStillAsync(bool mayBeUntouched = false)
    {
        while (true)
        {
            var before = Volatile.Read(ref _given);
            await Task.Delay(200, TestContext.Current.CancellationToken);
            if ((before > 0 || mayBeUntouched) && before == Volatile.Read(ref _given))
            {
                return before;
            }
        }
    }

    public async Task WaitUntilMoreThanAsync(long bytes)
    {
        for (var i = 0; i < 500 && Volatile.Read(ref _given) <= bytes; i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.True(Volatile.Read(ref _given) > bytes);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return Interlocked.Add(ref _given, buffer.Length) > FailsAfter ? throw new InvalidOperationException("broken") : buffer.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Disposed.TrySetResult();
        base.Dispose(disposing);
    }
}
