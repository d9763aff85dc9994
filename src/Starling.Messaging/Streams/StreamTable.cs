using System.Collections.Concurrent;
using Starling.Messaging.Connections;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Streams;

/// <summary>The binary streams of one connection. Each side numbers its own. Thread-safe. Owner: the connection.</summary>
internal sealed class StreamTable(WireConnection connection, MessagingOptions options)
{
    /// <summary>What may be sent of a stream before its receiver has granted anything.</summary>
    public const int InitialCredit = 64 * 1024;

    private readonly ConcurrentDictionary<long, OutgoingStream> _outgoing = new();
    private readonly ConcurrentDictionary<long, IncomingStream> _incoming = new();
    private long _lastNumber;
    private Exception? _closed;

    /// <summary>Makes a stream of ours ready to be sent.</summary>
    /// <exception cref="RpcException">The peer holds too many open.</exception>
    public OutgoingStream Send(Stream source, bool isOwned)
    {
        if (_outgoing.Count >= options.MaxOpenStreams)
        {
            throw Full();
        }

        var stream = new OutgoingStream(Interlocked.Increment(ref _lastNumber), source, isOwned, connection);
        _outgoing[stream.Number] = stream;
        if (_closed is not null)
        {
            stream.Cancel();
        }

        return stream;
    }

    /// <summary>Opens a stream of the peer's.</summary>
    /// <exception cref="RpcException">The peer holds too many open, or uses a number twice.</exception>
    public IncomingStream Receive(long number)
    {
        var stream = new IncomingStream(number, connection, options.StreamHighWaterBytes);
        if (_incoming.Count >= options.MaxOpenStreams)
        {
            // The peer is told, or it would keep its end open for as long as the connection lasts.
            stream.Dispose();
            throw Full();
        }

        if (!_incoming.TryAdd(number, stream))
        {
            throw new RpcException(RpcErrorCodes.InvalidParams, $"Stream {number} is open already.");
        }

        stream.Open();
        return stream;
    }

    /// <summary>Takes a chunk. Chunks of a stream that nobody wants any more are passed over.</summary>
    public void Take(long number, ReadOnlySpan<byte> chunk)
    {
        if (_incoming.TryGetValue(number, out var stream))
        {
            stream.Take(chunk);
        }
    }

    public OutgoingStream? FindOutgoing(long number) => _outgoing.GetValueOrDefault(number);

    public IncomingStream? FindIncoming(long number) => _incoming.GetValueOrDefault(number);

    public void Remove(OutgoingStream stream) => _outgoing.TryRemove(KeyValuePair.Create(stream.Number, stream));

    public void Remove(IncomingStream stream) => _incoming.TryRemove(KeyValuePair.Create(stream.Number, stream));

    /// <summary>Ends all streams.</summary>
    public void Close(Exception reason)
    {
        _closed = reason;
        foreach (var stream in _outgoing.Values)
        {
            stream.Cancel();
        }

        foreach (var stream in _incoming.Values)
        {
            stream.Fail(reason);
        }
    }

    private RpcException Full() => new(RpcErrorCodes.ServerBusy, $"There are {options.MaxOpenStreams} streams open, which is the limit.");
}
