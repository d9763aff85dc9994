using System.Buffers;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Logs;

/// <summary>
/// A log file with the queue of what is to be written to it. Any thread appends and never waits for the disk; the writer's thread alone writes.
/// When the file cannot be written, lines wait up to <see cref="MostWaiting"/> bytes; what comes then is dropped and counted, and a line in the file says so
/// at the place of the dropped ones, as soon as writing works again.
/// </summary>
internal sealed class LogFile
{
    /// <summary>Bytes of lines that wait at most.</summary>
    public const int MostWaiting = 1 << 20;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWaitForRoom = TimeSpan.FromSeconds(2);
    private readonly LogWriter _writer;
    private readonly RotatingFile _file;
    private readonly LogNotice _notice;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<(LogRequest Kind, TaskCompletionSource Done)> _requests = [];
    private byte[] _waiting = [];
    private int _waitingLength;
    private long _dropped;
    private bool _failing;
    private bool _queued;
    private TaskCompletionSource? _room;

    // Used by the writer's thread alone.
    private byte[] _writing = [];
    private int _writingStart;
    private int _writingLength;
    private long _droppedAfter;
    private string _error = "";

    public LogFile(LogWriter writer, string path, LogConfig config, FileOwner owner, TimeProvider time)
    {
        _writer = writer;
        _time = time;
        _file = new RotatingFile(path, config, owner, time, writer.Compression);
        _notice = new LogNotice(config, time);
    }

    /// <summary>Lines dropped since the beginning.</summary>
    public long Dropped { get; private set; }

    /// <summary>Why the last write failed; null when it did not.</summary>
    public string? Error
    {
        get
        {
            lock (_gate)
            {
                return _failing ? _error : null;
            }
        }
    }

    /// <summary>Adds a whole line with its end.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            // Once a line was dropped all are until the writer has taken what waits, so that the notice stands at the right place.
            if (_dropped > 0 || _waitingLength + line.Length > MostWaiting)
            {
                _dropped++;
                Dropped++;
                return;
            }

            if (_waiting.Length < _waitingLength + line.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Min(MostWaiting, Math.Max(4096, (_waitingLength + line.Length) * 2)));
                _waiting.AsSpan(0, _waitingLength).CopyTo(larger);
                Return(_waiting);
                _waiting = larger;
            }

            line.CopyTo(_waiting.AsSpan(_waitingLength));
            _waitingLength += line.Length;
            Queue();
        }
    }

    /// <summary>Completed when the queue is not nearly full, or after a short time when the disk does not keep up, or at once when it cannot be written at all.</summary>
    public ValueTask RoomAsync()
    {
        lock (_gate)
        {
            if (_failing || _waitingLength < MostWaiting / 2)
            {
                return ValueTask.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(Task.WhenAny(_room.Task, Task.Delay(LongestWaitForRoom, _time)));
        }
    }

    public Task RequestAsync(LogRequest kind)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _requests.Add((kind, done));
            if (!Queue())
            {
                // After the end of the supervisor's logs nothing is left to be done.
                done.TrySetResult();
            }
        }

        return done.Task;
    }

    /// <summary>Writes what waits and does what was asked; the time after which it is to be called again when the file could not be written. For the writer's thread.</summary>
    public TimeSpan? Step()
    {
        (LogRequest Kind, TaskCompletionSource Done)[] requests;
        lock (_gate)
        {
            _queued = false;
            requests = [.. _requests];
            _requests.Clear();
        }

        TimeSpan? retry = null;
        try
        {
            WriteAll();
        }
        catch (Exception error)
        {
            // Whatever a path leads to, the thread goes on with the other files.
            Fail(error.Message);
            retry = RetryDelay;
        }

        foreach (var (kind, done) in requests)
        {
            Do(kind, done);
        }

        return retry;
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void WriteAll()
    {
        while (_writingStart < _writingLength || _droppedAfter > 0 || Take())
        {
            var written = 0;
            try
            {
                _file.Write(_writing.AsSpan(_writingStart, _writingLength - _writingStart), out written);
            }
            finally
            {
                // What of it reached the file before an error is not written again.
                _writingStart += written;
            }

            Succeed();
            if (_droppedAfter > 0)
            {
                _file.Write(_notice.Of(_droppedAfter, _error), out _);
                _droppedAfter = 0;
            }
        }
    }

    /// <summary>Takes what waits; false when nothing does.</summary>
    private bool Take()
    {
        lock (_gate)
        {
            if (_waitingLength == 0 && _dropped == 0)
            {
                return false;
            }

            (_writing, _waiting) = (_waiting, _writing);
            (_writingStart, _writingLength, _waitingLength) = (0, _waitingLength, 0);
            (_droppedAfter, _dropped) = (_dropped, 0);
            _room?.TrySetResult();
            _room = null;
            return true;
        }
    }

    private void Succeed()
    {
        if (_failing)
        {
            lock (_gate)
            {
                _failing = false;
            }
        }
    }

    private void Fail(string error)
    {
        _file.Close();
        lock (_gate)
        {
            (_failing, _error) = (true, error);
            _room?.TrySetResult();
            _room = null;
        }
    }

    private void Do(LogRequest kind, TaskCompletionSource done)
    {
        try
        {
            if (kind is LogRequest.Empty)
            {
                _file.Empty();
            }
            else if (kind is LogRequest.Reopen or LogRequest.Close)
            {
                _file.Close();
            }

            if (kind is LogRequest.Close)
            {
                Return(_writing);
                (_writing, _writingStart, _writingLength) = ([], 0, 0);
            }

            done.TrySetResult();
        }
        catch (Exception error)
        {
            done.TrySetException(error);
        }
    }

    private bool Queue()
    {
        _queued = _queued || _writer.Queue(this);
        return _queued;
    }
}
