using System.Text.Json;

namespace Starling.Supervisor.Workers;

/// <summary>
/// How many of the connections that a process was handed are open. A worker of Starling says so after every change; of others the open descriptors are counted,
/// once a second at most. Safe for use by several threads.
/// </summary>
internal sealed class HandedCount(int pid, TimeProvider time)
{
    private const string ReportType = "starling:connections";

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _allTaken;
    private long _handed;
    private long _taken;
    private int _open;
    private bool _reports;
    private long _lookedAt;
    private bool _isClosed;

    /// <summary>What the next one is handed out by: open connections and those that are on their way.</summary>
    public long Load
    {
        get
        {
            lock (_lock)
            {
                if (!_reports && (_lookedAt == 0 || time.GetElapsedTime(_lookedAt) > LookInterval))
                {
                    (_open, _taken, _lookedAt) = (Descriptors(), _handed, time.GetTimestamp());
                }

                return _open + (_handed - _taken);
            }
        }
    }

    /// <summary>Notes that it is about to be handed one; false when it takes no more.</summary>
    public bool TryBegin()
    {
        lock (_lock)
        {
            _handed += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    /// <summary>Takes back a note: the connection could not be handed over.</summary>
    public void Undo()
    {
        lock (_lock)
        {
            _handed--;
            Check();
        }
    }

    /// <summary>Hands it no more.</summary>
    /// <returns>Completes when what is on its way has come, if it is one that tells.</returns>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            _allTaken ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Check();
            return _allTaken.Task;
        }
    }

    /// <summary>Takes down a report; false if the message is none.</summary>
    public bool TryReport(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("type", out var type) || !type.ValueEquals(ReportType)
            || !message.TryGetProperty("taken", out var taken) || !taken.TryGetInt64(out var total)
            || !message.TryGetProperty("open", out var open) || !open.TryGetInt32(out var count))
        {
            return false;
        }

        lock (_lock)
        {
            // What a former supervisor handed over was not counted here.
            _handed = Math.Max(_handed, total);
            (_reports, _taken, _open) = (true, total, count);
            Check();
        }

        return true;
    }

    private void Check()
    {
        if (!_reports || _taken >= _handed)
        {
            _allTaken?.TrySetResult();
        }
    }

    private int Descriptors()
    {
        try
        {
            return OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count() : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or may not be looked at.
            return 0;
        }
    }
}
