using System.Net;
using System.Net.Sockets;
using System.Text;
using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.Statistics;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.EventStreams;

/// <summary>
/// Subscribers of one topic, each with an event stream of its own, and a publisher that keeps some updates under way. One thread in epoll;
/// events are counted by a mark that nothing else on the wire contains.
/// </summary>
internal sealed unsafe class StreamFleet : IDisposable
{
    private const int ReadBufferSize = 1 << 18;
    private const int EventBatch = 512;
    private const int WaitMilliseconds = 20;
    private const byte Mark = (byte)'~';
    private const int PublisherIndex = -1;

    private readonly LoadOptions _options;
    private readonly List<Socket> _sockets = [];
    private readonly long[] _received;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ReadBufferSize, pinned: true);
    private readonly EpollEvent[] _events = GC.AllocateArray<EpollEvent>(EventBatch, pinned: true);
    private readonly int _epoll = LibC.EpollCreate(LibC.EpollCloseOnExec);
    private readonly Socket _publisher;
    private readonly byte[] _request;
    private readonly int _stampOffset;

    public StreamFleet(int port, LoadOptions options)
    {
        _options = options;
        _received = new long[options.Clients];
        for (var i = 0; i < options.Clients; i++)
        {
            _sockets.Add(Connect(port));
            _sockets[i].Send("GET /.well-known/mercure?match=t HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"u8);
        }

        // Whoever has read the head of the answer is subscribed.
        for (var i = 0; i < options.Clients; i++)
        {
            ReadHead(_sockets[i]);
            Watch(_sockets[i], i);
        }

        _publisher = Connect(port);
        Watch(_publisher, PublisherIndex);
        var body = "topic=t&data=" + new string('0', options.Payload - 1) + (char)Mark;
        var head = $"POST /.well-known/mercure HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\n\r\n";
        _request = Encoding.ASCII.GetBytes(head + body);
        _stampOffset = head.Length + "topic=t&data=".Length;
    }

    /// <summary>Updates published so far.</summary>
    public long Published { get; private set; }

    /// <summary>Deliveries so far.</summary>
    public long Delivered { get; private set; }

    public Histogram Latencies { get; } = new();

    /// <summary>Publishes and receives for some time, then, if asked to, until all have all.</summary>
    /// <exception cref="LoadException">A stream ended, or something is missing or came twice.</exception>
    public void Run(TimeSpan time, bool measure, bool drain, CancellationToken cancellationToken)
    {
        var end = Clock.Now + (long)time.TotalNanoseconds;
        while (Clock.Now < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while ((Published * _options.Clients) - Delivered < (long)_options.Publishers * _options.Window * _options.Clients)
            {
                Publish();
            }

            Step(measure);
        }

        if (!drain)
        {
            return;
        }

        var patience = Clock.Now + 10_000_000_000;
        while (Delivered < Published * _options.Clients && Clock.Now < patience)
        {
            Step(measure: false);
        }

        var wrong = _received.Count(count => count != Published);
        if (wrong > 0)
        {
            throw new LoadException($"{wrong} subscribers did not get exactly the {Published} updates that were published.");
        }
    }

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _publisher.Dispose();
        _ = LibC.Close(_epoll);
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private void ReadHead(Socket socket)
    {
        socket.ReceiveTimeout = 10_000;
        var length = 0;
        while (_buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var received = socket.Receive(_buffer.AsSpan(length, 4096));
            if (received == 0)
            {
                throw new LoadException("The server closed an event stream before its head was complete.");
            }

            length += received;
        }

        if (!_buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8))
        {
            throw new LoadException("The server refused an event stream: " + Encoding.ASCII.GetString(_buffer.AsSpan(0, Math.Min(length, 200))));
        }
    }

    private void Watch(Socket socket, int index)
    {
        socket.Blocking = false;
        var item = new EpollEvent { Events = EpollEvent.Readable, Data = index };
        if (LibC.EpollControl(_epoll, LibC.EpollCtlAdd, (int)socket.Handle, &item) != 0)
        {
            throw new LoadException("epoll_ctl failed.");
        }
    }

    private void Publish()
    {
        new Stamp(0, Published, Clock.Now).Write(_request.AsSpan(_stampOffset));
        Published++;
        var sent = 0;
        while (sent < _request.Length)
        {
            sent += _publisher.Send(_request.AsSpan(sent), SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                throw new LoadException($"The publisher's connection broke: {error}.");
            }
        }
    }

    private void Step(bool measure)
    {
        int count;
        fixed (EpollEvent* events = _events)
        {
            count = LibC.EpollWait(_epoll, events, EventBatch, WaitMilliseconds);
        }

        for (var i = 0; i < count; i++)
        {
            Read((int)_events[i].Data, measure);
        }
    }

    private void Read(int index, bool measure)
    {
        var socket = index == PublisherIndex ? _publisher : _sockets[index];
        nint received;
        fixed (byte* start = _buffer)
        {
            received = LibC.Receive((int)socket.Handle, start, _buffer.Length, 0);
        }

        if (received == 0)
        {
            throw new LoadException(index == PublisherIndex ? "The server closed the publisher's connection." : $"The server closed event stream {index}.");
        }

        if (received < 0)
        {
            return;
        }

        var bytes = _buffer.AsSpan(0, (int)received);
        if (index == PublisherIndex)
        {
            return;
        }

        var events = bytes.Count(Mark);
        _received[index] += events;
        Delivered += events;
        if (measure && index % _options.SampleEvery == 0 && bytes.LastIndexOf(Mark) is var mark && mark >= _options.Payload)
        {
            Latencies.Record(Clock.Now - Stamp.ReadTime(bytes[(mark - _options.Payload + 1)..]));
        }
    }
}
