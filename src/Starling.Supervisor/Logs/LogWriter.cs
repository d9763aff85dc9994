namespace Starling.Supervisor.Logs;

/// <summary>
/// The thread that writes log files, in batches of what each has waiting. A thread of its own because a disk that hangs would hold up threads of the pool;
/// one for all files, because then such a disk costs one thread.
/// </summary>
internal sealed class LogWriter
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<LogFile> _ready = new();
    private readonly List<(LogFile File, long Due)> _later = [];
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _thread;
    private bool _ended;

    public LogWriter(TimeProvider time)
    {
        _time = time;
        _thread = new Thread(Run) { IsBackground = true, Name = "starling-logs" };
        _thread.Start();
    }

    public Compression Compression { get; } = new();

    /// <summary>Lets the thread see to a file; false when it has ended.</summary>
    public bool Queue(LogFile file)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            _ready.Enqueue(file);
        }

        _wake.Set();
        return true;
    }

    /// <summary>Ends the thread after what is queued.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
        }

        _wake.Set();
    }

    private void Run()
    {
        while (true)
        {
            if (Next(out var wait) is { } file)
            {
                if (file.Step() is { } retry)
                {
                    Later(file, retry);
                }
            }
            else if (wait is null)
            {
                return;
            }
            else
            {
                _wake.WaitOne(wait.Value);
            }
        }
    }

    /// <summary>The file to go on with; without one, the time to wait, null for the end.</summary>
    private LogFile? Next(out TimeSpan? wait)
    {
        lock (_gate)
        {
            wait = Timeout.InfiniteTimeSpan;
            if (_ready.TryDequeue(out var ready))
            {
                return ready;
            }

            if (_ended)
            {
                wait = null;
                return null;
            }

            var now = _time.GetTimestamp();
            var due = _later.FindIndex(entry => entry.Due <= now);
            if (due >= 0)
            {
                var file = _later[due].File;
                _later.RemoveAt(due);
                return file;
            }

            if (_later.Count > 0)
            {
                wait = TimeSpan.FromMilliseconds(50);
            }

            return null;
        }
    }

    private void Later(LogFile file, TimeSpan delay)
    {
        lock (_gate)
        {
            _later.RemoveAll(entry => entry.File == file);
            _later.Add((file, _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency)));
        }
    }
}
