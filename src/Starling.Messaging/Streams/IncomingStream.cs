using System.Buffers;
using System.IO.Pipelines;
using Starling.Messaging.Connections;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.Streams;

/// <summary>
/// A stream of the peer's, to be read asynchronously and once. What has come and is not read is bounded by
/// <see cref="MessagingOptions.StreamHighWaterBytes"/>; the peer sends more only as it is read. Disposal tells the peer to stop.
/// </summary>
internal sealed class IncomingStream : Stream, IHeldByPeer
{
    private readonly WireConnection _connection;
    private readonly int _window;

    // Never pauses: the credit bounds what may come, and a peer that sends more is cut.
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 16 * 1024, useSynchronizationContext: false));
    private readonly Lock _gate = new();
    private long _credit = StreamTable.InitialCredit;
    private int _consumed;
    private bool _isEnded;

    public IncomingStream(long number, WireConnection connection, int window)
    {
        Number = number;
        _connection = connection;
        _window = Math.Max(window, StreamTable.InitialCredit);
    }

    public long Number { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Grants what the window has beyond the initial credit.</summary>
    public void Open() => Grant(_window - StreamTable.InitialCredit);

    /// <summary>Takes a chunk, on the receiving thread; an empty one is the end.</summary>
    /// <exception cref="IOException">The peer sends more than it may.</exception>
    public void Take(ReadOnlySpan<byte> chunk)
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            if (chunk.IsEmpty)
            {
                End(null);
                return;
            }

            _credit -= chunk.Length;
            if (_credit < 0)
            {
                throw new IOException($"The peer sent more of stream {Number} than it was granted.");
            }

            _pipe.Writer.Write(chunk);
            _ = _pipe.Writer.FlushAsync().AsTask();
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Fail(Exception reason)
    {
        lock (_gate)
        {
            End(reason);
        }
    }

    public void GiveUp() => Dispose();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        var result = await _pipe.Reader.ReadAsync(cancellationToken);
        var taken = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        taken.CopyTo(buffer.Span);
        var count = (int)taken.Length;
        _pipe.Reader.AdvanceTo(taken.End);
        OnConsumed(count);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A stream of a peer is read asynchronously; a thread that waited for it would be lost to others.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        bool wasOpen;
        lock (_gate)
        {
            wasOpen = !_isEnded;
            End(new ObjectDisposedException(nameof(IncomingStream)));
        }

        if (wasOpen)
        {
            SendNumber("$/stream/cancel", null);
        }

        base.Dispose(disposing);
    }

    private void End(Exception? reason)
    {
        if (!_isEnded)
        {
            _isEnded = true;
            _pipe.Writer.Complete(reason);
            _connection.Streams.Remove(this);
        }
    }

    private void OnConsumed(int count)
    {
        _consumed += count;
        if (_consumed >= _window / 2 && !_isEnded)
        {
            var granted = _consumed;
            _consumed = 0;
            Grant(granted);
        }
    }

    private void Grant(int bytes)
    {
        if (bytes <= 0)
        {
            return;
        }

        lock (_gate)
        {
            _credit += bytes;
        }

        SendNumber("$/stream/grant", bytes);
    }

    private void SendNumber(string method, int? bytes) => _connection.SendNotification(method, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("stream"u8, Number);
        if (bytes is { } count)
        {
            writer.WriteNumber("bytes"u8, count);
        }

        writer.WriteEndObject();
    });
}
