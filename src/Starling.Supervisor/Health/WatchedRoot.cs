namespace Starling.Supervisor.Health;

/// <summary>A folder, a file or a pattern that is watched, also when it does not exist yet or is removed for a while.</summary>
internal sealed class WatchedRoot : IDisposable
{
    private readonly string _path;
    private readonly Glob? _glob;
    private readonly Func<string, bool> _isWanted;
    private readonly Action<string?> _note;
    private readonly Lock _gate = new();
    private FileSystemWatcher? _watcher;
    private FolderIdentity _identity;
    private string _folder = "";
    private bool _overflowed;
    private bool _wasThere;
    private bool _disposed;

    /// <param name="path">Absolute path or pattern.</param>
    /// <param name="isWanted">Whether a change of a path counts.</param>
    /// <param name="note">Gets changed paths; null for too many.</param>
    public WatchedRoot(string path, Func<string, bool> isWanted, Action<string?> note)
    {
        _path = path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : path;
        _glob = Glob.IsPattern(path) && !Path.Exists(path) ? Glob.Parse(path) : null;
        _isWanted = isWanted;
        _note = note;
        lock (_gate)
        {
            Start();
        }
    }

    /// <summary>Looks whether the folder that is watched is still the same, and begins again with the new one when it is not.</summary>
    public void Check()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            var isReplaced = FolderIdentity.Of(_folder) != _identity;
            if (_watcher is not null && !_overflowed && !isReplaced && _folder == Folder())
            {
                return;
            }

            var wasThere = _wasThere && !isReplaced;
            Stop();
            Start();
            if (!wasThere && _wasThere)
            {
                // It is back: what it holds may be new.
                _note(_path);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Stop();
        }
    }

    /// <summary>The folder to watch: of a pattern, the one before its first sign; of a file, its own; the nearest that exists.</summary>
    private string Folder()
    {
        var path = _path;
        if (_glob is not null)
        {
            path = path[..path.AsSpan().IndexOfAny("*?{[")];
            path = path[..Math.Max(1, path.LastIndexOf('/'))];
        }

        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
        {
            path = parent;
        }

        return path;
    }

    private void Start()
    {
        _overflowed = false;
        _folder = Folder();
        _wasThere = _glob is not null ? Directory.Exists(_folder) : Path.Exists(_path);
        FileSystemWatcher? watcher = null;
        try
        {
            _identity = FolderIdentity.Of(_folder);
            watcher = new FileSystemWatcher(_folder)
            {
                // All of a parent of what does not exist yet is not looked at.
                IncludeSubdirectories = _glob is not null || _folder == _path,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
                InternalBufferSize = 64 << 10,
            };
            watcher.Changed += (_, change) => See(change.FullPath, isContent: true);
            watcher.Created += (_, change) => See(change.FullPath, isContent: false);
            watcher.Deleted += (_, change) => See(change.FullPath, isContent: false);
            watcher.Renamed += (_, change) => See(change.FullPath, isContent: false);
            watcher.Error += (_, _) => Overflow();
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Removed in between, or not to be read, or no watches are left: tried again at the next check.
            watcher?.Dispose();
            _watcher = null;
        }
    }

    private void Stop()
    {
        _watcher?.Dispose();
        _watcher = null;
    }

    private void Overflow()
    {
        _overflowed = true;
        _note(null);
    }

    private void See(string path, bool isContent)
    {
        // The time of a folder changes with each file in it, which is told by itself.
        if ((isContent && Directory.Exists(path)) || !IsMine(path) || !_isWanted(path))
        {
            return;
        }

        _note(path);
    }

    private bool IsMine(string path) =>
        _glob is not null ? _glob.IsMatch(path) : path == _path || path.StartsWith(_path + "/", StringComparison.Ordinal) || _path == "/";
}
