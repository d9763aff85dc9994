using System.Runtime.InteropServices;
using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.Statistics;
using Starling.LoadGenerator.WebSockets;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Connections;

/// <summary>
/// One thread that waits in epoll and owns its connections and its workload entirely. It reads into one large buffer that all
/// connections share, so that a busy connection costs one system call for many frames and an idle one costs no buffer.
/// </summary>
internal sealed unsafe class EventLoop
{
    private const int ReadBufferSize = 1 << 18;
    private const int EventBatch = 512;

    // Also how late a change of phase may be noticed when nothing arrives.
    private const int WaitMilliseconds = 5;

    private readonly ConnectPlan _plan;
    private readonly Workload _workload;
    private readonly RunControl _control;
    private readonly ConnectionOpener _opener;
    private readonly List<Connection> _connections = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ReadBufferSize, pinned: true);
    private readonly EpollEvent[] _events = GC.AllocateArray<EpollEvent>(EventBatch, pinned: true);
    private readonly Thread _thread;
    private int _epoll;
    private int _ready;
    private volatile int _threadId;
    private volatile Exception? _failure;
    private bool _started;

    public EventLoop(ConnectPlan plan, Workload workload, RunControl control, string name)
    {
        (_plan, _workload, _control) = (plan, workload, control);
        _opener = new ConnectionOpener(plan.Port, workload.Protocol.Path);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>From the start of TCP's connecting to the joined namespace; complete when all are ready.</summary>
    public Histogram ConnectTimes { get; } = new();

    /// <summary>Connections that have joined the namespace.</summary>
    public int Ready => Volatile.Read(ref _ready);

    /// <summary>Why the loop ended before it was told to.</summary>
    public Exception? Failure => _failure;

    /// <summary>Processor seconds of the loop's thread; 0 until it runs.</summary>
    public double CpuSeconds => _threadId == 0 || !_thread.IsAlive ? 0 : ProcessStatistics.ThreadCpuSeconds(_threadId);

    public bool IsStarted => (_thread.ThreadState & ThreadState.Unstarted) == 0;

    public void Start() => _thread.Start();

    /// <summary>Waits until the loop's thread is gone; the phase must be <see cref="RunPhase.Stopped"/>.</summary>
    public void Join() => _thread.Join();

    private void Run()
    {
        try
        {
            _threadId = LibC.GetThreadId();
            _epoll = LibC.EpollCreate(LibC.EpollCloseOnExec);
            while (_control.Phase != RunPhase.Stopped)
            {
                Step();
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        finally
        {
            _connections.ForEach(connection => connection.Close());
            _ = LibC.Close(_epoll);
        }
    }

    private void Step()
    {
        while (_connections.Count < _plan.Count && _connections.Count - _ready < _plan.Concurrency)
        {
            Open();
        }

        if (!_started && _control.Phase == RunPhase.Running)
        {
            _started = true;
            _workload.Start(_connections);
            _connections.ForEach(Flush);
        }

        // A wake-up per frame would cost both sides more than the frame; only connecting is worth one.
        if (_plan.Linger > 0 && _ready == _plan.Count)
        {
            _ = LibC.SleepMicroseconds((uint)_plan.Linger);
        }

        int count;
        fixed (EpollEvent* events = _events)
        {
            count = LibC.EpollWait(_epoll, events, EventBatch, WaitMilliseconds);
        }

        if (count < 0 && Marshal.GetLastPInvokeError() is var error and not LibC.Interrupted)
        {
            throw new LoadException($"epoll_wait failed: {Marshal.GetPInvokeErrorMessage(error)}.");
        }

        for (var i = 0; i < count; i++)
        {
            Handle(_connections[(int)_events[i].Data], _events[i].Events);
        }
    }

    private void Open()
    {
        var connection = _opener.Open(_connections.Count);
        _connections.Add(connection);
        Watch(connection, LibC.EpollCtlAdd, EpollEvent.Writable);
    }

    private void Handle(Connection connection, uint events)
    {
        if (connection.State == ConnectionState.Connecting)
        {
            _opener.FinishConnect(connection);
            Watch(connection, LibC.EpollCtlMod, EpollEvent.Readable);
        }
        else if ((events & EpollEvent.Writable) != 0 && connection.HasUnsent)
        {
            connection.Flush();
            Watch(connection, LibC.EpollCtlMod, connection.HasUnsent ? EpollEvent.Readable | EpollEvent.Writable : EpollEvent.Readable);
        }

        if ((events & (EpollEvent.Readable | EpollEvent.ErrorOrHangUp)) != 0)
        {
            Read(connection);
        }

        Flush(connection);
    }

    private void Read(Connection connection)
    {
        var kept = connection.PartialLength;
        connection.Partial.CopyTo(_buffer);
        nint received;
        fixed (byte* start = &_buffer[kept])
        {
            received = LibC.Receive(connection.Descriptor, start, _buffer.Length - kept, 0);
        }

        if (received > 0)
        {
            var bytes = _buffer.AsSpan(0, kept + (int)received);
            connection.KeepPartial(bytes[Consume(connection, bytes)..]);
            return;
        }

        if (received == 0)
        {
            throw new LoadException($"The server closed connection {connection.Index} (which was {connection.State}).");
        }

        var error = Marshal.GetLastPInvokeError();
        if (error != LibC.WouldBlock)
        {
            throw new LoadException($"Connection {connection.Index} broke: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>Handles all that is complete and returns how many bytes that was.</summary>
    private int Consume(Connection connection, ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        if (connection.State == ConnectionState.Upgrading)
        {
            position = _opener.ReadUpgradeAnswer(connection, bytes);
            if (position == 0)
            {
                return 0;
            }
        }

        while (ServerFrame.TryRead(bytes[position..], out var frame))
        {
            Receive(connection, frame.Opcode, bytes.Slice(position + frame.PayloadStart, frame.PayloadLength));
            position += frame.Length;
        }

        return position;
    }

    private void Receive(Connection connection, int opcode, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case ServerFrame.Text when connection.State != ConnectionState.Ready:
                Join(connection, payload);
                break;
            case ServerFrame.Text when payload.SequenceEqual("2"u8):
                connection.WriteText("3"u8);
                break;
            case ServerFrame.Text:
                _workload.Receive(connection, payload);
                break;
            case ServerFrame.Ping:
                connection.WriteFrame(ServerFrame.Pong, payload);
                break;
            case ServerFrame.Close:
                throw new LoadException($"The server sent a close frame on connection {connection.Index}.");
        }
    }

    private void Join(Connection connection, ReadOnlySpan<byte> message)
    {
        _workload.Protocol.Join(connection, message);
        if (connection.State == ConnectionState.Ready)
        {
            ConnectTimes.Record(Clock.Now - connection.Started);
            Volatile.Write(ref _ready, _ready + 1);
        }
    }

    private void Flush(Connection connection)
    {
        if (connection.HasUnsent)
        {
            connection.Flush();
            if (connection.HasUnsent)
            {
                Watch(connection, LibC.EpollCtlMod, EpollEvent.Readable | EpollEvent.Writable);
            }
        }
    }

    private void Watch(Connection connection, int operation, uint events)
    {
        var item = new EpollEvent { Events = events, Data = connection.Index };
        if (LibC.EpollControl(_epoll, operation, connection.Descriptor, &item) != 0)
        {
            throw new LoadException($"epoll_ctl failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }
}
