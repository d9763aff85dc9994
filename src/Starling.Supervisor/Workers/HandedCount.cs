using System.Text.Json;
using Starling.Messaging.NodeIpc;

namespace Starling.Supervisor.Workers;

/// <summary>
/// How many of the connections that a process was handed are open. A worker of Starling says so after every change; of others the open descriptors are counted,
/// once a second at most. Safe for use by several threads.
/// </summary>
internal sealed class HandedCount(int pid, TimeProvider time)
{
    private static ReadOnlySpan<byte> ReportType => "starling:connections"u8;

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
        if (!NodeJson.TryGet(message, "type", out var type) || !NodeJson.IsText(type, ReportType)
            || NodeJson.Number(message, "taken") is not { } total
            || NodeJson.Number(message, "open") is not ({ } count and >= 0 and <= int.MaxValue))
        {
            return false;
        }

        lock (_lock)
        {
            // What a former supervisor handed over was not counted here.
            _handed = Math.Max(_handed, total);
            (_reports, _taken, _open) = (true, total, (int)count);
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
