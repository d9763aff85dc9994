using System.Collections.Immutable;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Logs;

/// <summary>
/// The logs of all processes of a supervisor, which makes one and disposes it at the end. Files are shared: processes that write to one path write whole lines
/// to it in turn. Safe for use by any thread.
/// </summary>
public sealed class LogStore : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly LogWriter _writer;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (LogFile File, int Users)> _files = [];
    private ImmutableArray<LogFollower> _followers = [];

    /// <summary>Makes one.</summary>
    public LogStore(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _writer = new LogWriter(time);
    }

    internal bool HasFollowers => !_followers.IsEmpty;

    internal TimeProvider Time => _time;

    /// <summary>Opens the log of a process. A file that cannot be opened is tried again and again; the process never notices.</summary>
    /// <param name="app">Application of the process.</param>
    /// <param name="instance">Number of the process within its application.</param>
    /// <param name="processId">Number of the process in the list of all.</param>
    /// <param name="folder">Folder of files that the application does not name; absolute.</param>
    public WorkerLog Open(AppConfig app, int instance, int processId, string folder)
    {
        ArgumentNullException.ThrowIfNull(app);
        return new WorkerLog(this, app, instance, processId, LogPaths.Of(app, processId, folder));
    }

    /// <summary>Follows the lines of all processes, or of those that a filter lets pass, from now on.</summary>
    /// <param name="filter">Tells which lines are wanted; called by the readers of processes, so it has to be quick. Null for all.</param>
    /// <param name="capacity">Lines that are held for a slow follower.</param>
    public LogFollower Follow(Func<LogLine, bool>? filter = null, int capacity = 1000)
    {
        var follower = new LogFollower(filter, capacity, Leave);
        lock (_gate)
        {
            _followers = _followers.Add(follower);
        }

        return follower;
    }

    /// <summary>Opens all files anew, after they were renamed from outside (<c>logrotate</c>).</summary>
    public Task ReopenAsync() => AllAsync(LogRequest.Reopen);

    /// <summary>Completed when all lines that were written so far are in their files, or cannot be.</summary>
    public Task DrainAsync() => AllAsync(LogRequest.Drain);

    /// <summary>Writes what waits, as far as it can be written, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        await AllAsync(LogRequest.Close);
        _writer.End();
        await _writer.Compression.Idle;
        foreach (var follower in _followers)
        {
            follower.Dispose();
        }
    }

    internal LogFile? Rent(string? path, AppConfig app)
    {
        if (path is null)
        {
            return null;
        }

        lock (_gate)
        {
            var (file, users) = _files.GetValueOrDefault(path);
            file ??= new LogFile(_writer, path, app.Log, FileOwner.Of(app, path), _time);
            _files[path] = (file, users + 1);
            return file;
        }
    }

    internal Task ReturnAsync(string? path)
    {
        lock (_gate)
        {
            if (path is null || !_files.TryGetValue(path, out var entry))
            {
                return Task.CompletedTask;
            }

            if (entry.Users > 1)
            {
                _files[path] = (entry.File, entry.Users - 1);
                return entry.File.RequestAsync(LogRequest.Drain);
            }

            // Closed before another can be made for the same path: the writer's thread does things in the order in which they were asked for.
            _files.Remove(path);
            return entry.File.RequestAsync(LogRequest.Close);
        }
    }

    internal void Publish(LogLine line)
    {
        foreach (var follower in _followers)
        {
            follower.Offer(line);
        }
    }

    private Task AllAsync(LogRequest request)
    {
        lock (_gate)
        {
            return Task.WhenAll(_files.Values.Select(entry => entry.File.RequestAsync(request)));
        }
    }

    private void Leave(LogFollower follower)
    {
        lock (_gate)
        {
            _followers = _followers.Remove(follower);
        }
    }
}
