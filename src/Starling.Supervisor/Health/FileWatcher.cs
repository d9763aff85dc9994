using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Health;

/// <summary>
/// Watches the files of an application, until it is disposed, and says after each burst of changes which came first. Folders that are removed are watched
/// again when they are back. Owned by the application's group; the callback comes on a thread of the pool, one at a time.
/// </summary>
public sealed class FileWatcher : IDisposable
{
    private const int MostNamed = 1000;
    private static readonly TimeSpan Check = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBurst = TimeSpan.FromSeconds(10);
    private readonly Action<FileChange> _changed;
    private readonly TimeSpan _delay;
    private readonly TimeProvider _time;
    private readonly WatchedRoot[] _roots;
    private readonly ITimer _quiet;
    private readonly ITimer _check;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _paths = [];
    private string? _first;
    private bool _isMany;
    private bool _isPending;
    private long _burst;
    private bool _disposed;

    /// <summary>Begins to watch what an application asks for. Its own log files are never watched.</summary>
    /// <param name="app">The application; <see cref="AppConfig.Watch"/> must not be empty.</param>
    /// <param name="time">Clock of the delay.</param>
    /// <param name="changed">Gets the changes.</param>
    public FileWatcher(AppConfig app, TimeProvider time, Action<FileChange> changed)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(changed);
        _delay = app.WatchDelay;
        _changed = changed;
        _time = time;
        _quiet = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var ignored = new IgnoreList(app.Cwd, app.IgnoreWatch);
        var logs = new[] { app.Log.OutFile, app.Log.ErrorFile, app.Log.CombinedFile }.OfType<string>().ToArray();
        _roots = [.. app.Watch.Select(path => new WatchedRoot(path, found => !ignored.Ignores(found) && !logs.Any(log => IsLog(found, log)), Note))];
        _check = time.CreateTimer(_ => CheckRoots(), null, Check, Check);
    }

    /// <summary>Ends the watch; no change is told after it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _check.Dispose();
        _quiet.Dispose();
        foreach (var root in _roots)
        {
            root.Dispose();
        }
    }

    // With what rotation puts aside, and the number of a process in the name.
    private static bool IsLog(string path, string log) =>
        path.StartsWith(log, StringComparison.Ordinal)
        || (path.StartsWith(Path.ChangeExtension(log, null) + "-", StringComparison.Ordinal) && path.Contains(".log", StringComparison.Ordinal));

    /// <summary>Notes a change; null for too many.</summary>
    private void Note(string? path)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _isMany |= path is null || _paths.Count >= MostNamed;
            _first ??= path;
            if (path is not null && !_isMany)
            {
                _paths.Add(path);
            }

            if (!_isPending)
            {
                _isPending = true;
                _burst = _time.GetTimestamp();
            }
            else if (_time.GetElapsedTime(_burst) > LongestBurst)
            {
                // Something that never rests must not put the restart off for ever.
                return;
            }

            _quiet.Change(_delay, Timeout.InfiniteTimeSpan);
        }
    }

    private void Tell()
    {
        FileChange change;
        lock (_gate)
        {
            if (_disposed || !_isPending)
            {
                return;
            }

            change = _isMany ? new FileChange(null, 0) : new FileChange(_first, _paths.Count);
            (_first, _isMany, _isPending) = (null, false, false);
            _paths.Clear();
        }

        _changed(change);
    }

    private void CheckRoots()
    {
        foreach (var root in _roots)
        {
            try
            {
                root.Check();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // An exception in a timer would end the process. What cannot be looked at now is looked at again.
            }
        }
    }
}
