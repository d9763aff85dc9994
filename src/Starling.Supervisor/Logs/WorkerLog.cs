using System.Buffers;
using System.Text;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Logs;

/// <summary>
/// Takes the output of one process and writes it to the files that its application asks for, line by line, and to those who follow. Owned by the worker; lives as
/// long as the worker is in the list, also over restarts. Its methods never wait for a disk. Safe for use by the readers of both outputs at the same time.
/// </summary>
public sealed class WorkerLog : IAsyncDisposable
{
    private const int MaxLastError = 200;

    private readonly LogStore _store;
    private readonly AppConfig _app;
    private readonly int _id;
    private readonly int _instance;
    private readonly LogPaths _paths;
    private readonly LineFormat _format;
    private readonly StreamState _out;
    private readonly StreamState _error;
    private readonly LogFile? _combined;
    private readonly byte[] _lastErrorBytes = new byte[MaxLastError];
    private int _lastErrorLength;
    private bool _disposed;

    internal WorkerLog(LogStore store, AppConfig app, int instance, int processId, LogPaths paths)
    {
        _store = store;
        _app = app;
        _id = processId;
        _instance = instance;
        _paths = paths;
        _format = new LineFormat(app.Log, app.Name, processId);
        _out = new StreamState(store.Rent(paths.Out, app));
        _error = new StreamState(store.Rent(paths.Error, app));
        _combined = store.Rent(paths.Combined, app);
    }

    /// <summary>Process id for the lines that followers get; set by the worker at each start.</summary>
    public int Pid { get; set; }

    /// <summary>The files.</summary>
    public LogPaths Paths => _paths;

    /// <summary>Lines that were dropped because a file could not be written.</summary>
    public long Dropped => (_out.File?.Dropped ?? 0) + (_error.File?.Dropped ?? 0) + (_combined?.Dropped ?? 0);

    /// <summary>Why a file cannot be written at present; null when all can.</summary>
    public string? Error => _out.File?.Error ?? _error.File?.Error ?? _combined?.Error;

    /// <summary>
    /// The last line of the error output that says something, its beginning if it is long; null when there was none. Lines that are indented, as those of a stack
    /// trace are, that only close a bracket or announce what follows, and Node's version say nothing.
    /// </summary>
    public string? LastError
    {
        get
        {
            lock (_error)
            {
                // What it wrote is shown on terminals.
                return _lastErrorLength == 0 ? null : string.Concat(Encoding.UTF8.GetString(_lastErrorBytes, 0, _lastErrorLength).Where(static c => !char.IsControl(c)));
            }
        }
    }

    /// <summary>Takes bytes that the process wrote; lines need not be whole.</summary>
    public void Write(LogStream stream, ReadOnlySpan<byte> bytes)
    {
        var state = stream is LogStream.Out ? _out : _error;
        var time = _store.Time.GetLocalNow();
        lock (state)
        {
            while (state.Lines.TryTake(ref bytes, out var line))
            {
                WriteLine(stream, state, line, time);
            }
        }
    }

    /// <summary>
    /// Completed when there is room for more. A reader that waits for this between two reads holds its process up for a short time rather than lose lines when they
    /// come faster than the disk takes them; a disk that cannot be written at all holds nobody up.
    /// </summary>
    public async ValueTask RoomAsync(LogStream stream)
    {
        if ((stream is LogStream.Out ? _out : _error).File is { } file)
        {
            await file.RoomAsync();
        }

        if (_combined is not null)
        {
            await _combined.RoomAsync();
        }
    }

    /// <summary>Says that an output has ended: what is left of it without the end of a line becomes a line.</summary>
    public void End(LogStream stream)
    {
        var state = stream is LogStream.Out ? _out : _error;
        lock (state)
        {
            if (state.Lines.TryTakeRest(out var line))
            {
                WriteLine(stream, state, line, _store.Time.GetLocalNow());
            }

            state.Lines.Clear();
        }
    }

    /// <summary>Follows the lines of this process from now on.</summary>
    public LogFollower Follow(int capacity = 1000) => _store.Follow(line => line.App == _app.Name && line.Instance == _instance, capacity);

    /// <summary>The last lines of an output as they stand in its file and those put aside, oldest first.</summary>
    public async Task<IReadOnlyList<string>> TailAsync(LogStream stream, int lines)
    {
        var (path, file) = stream is LogStream.Out ? (_paths.Out, _out.File) : (_paths.Error, _error.File);
        if (path is null || file is null)
        {
            return [];
        }

        await file.RequestAsync(LogRequest.Drain);
        return await LogTail.ReadAsync(path, lines, FileOwner.Of(_app, path));
    }

    /// <summary>Opens its files anew, after they were renamed from outside.</summary>
    public Task ReopenAsync() => AllAsync(LogRequest.Reopen);

    /// <summary>Empties its files and removes those put aside.</summary>
    /// <exception cref="IOException">A file could not be emptied.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be emptied.</exception>
    public Task EmptyAsync() => AllAsync(LogRequest.Empty);

    /// <summary>Completed when all that was written so far is in the files, or cannot be.</summary>
    public Task DrainAsync() => AllAsync(LogRequest.Drain);

    /// <summary>Ends both outputs and gives the files back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            End(LogStream.Out);
            End(LogStream.Error);
            await _store.ReturnAsync(_paths.Out);
            await _store.ReturnAsync(_paths.Error);
            await _store.ReturnAsync(_paths.Combined);
        }
    }

    private void WriteLine(LogStream stream, StreamState state, ReadOnlySpan<byte> line, DateTimeOffset time)
    {
        if (state == _error && SaysSomething(line))
        {
            _lastErrorLength = Math.Min(line.Length, MaxLastError);
            line[.._lastErrorLength].CopyTo(_lastErrorBytes);
        }

        if (state.File is not null || _combined is not null)
        {
            state.Formatted.ResetWrittenCount();
            _format.Write(line, stream, time, state.Formatted);
            state.File?.Append(state.Formatted.WrittenSpan);
            _combined?.Append(state.Formatted.WrittenSpan);
        }

        if (_store.HasFollowers)
        {
            var text = line is [.. var before, (byte)'\r'] ? before : line;
            _store.Publish(new LogLine(_app.Name, _id, _instance, Pid, stream, time, Encoding.UTF8.GetString(text)));
        }
    }

    private static bool SaysSomething(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd(" \t\r"u8);
        return line is [> (byte)' ', .., not (byte)':'] && !line.StartsWith("Node.js v"u8) && line.ContainsAnyExcept("})];,"u8);
    }

    private Task AllAsync(LogRequest request) =>
        Task.WhenAll(new[] { _out.File, _error.File, _combined }.OfType<LogFile>().Select(file => file.RequestAsync(request)));

    private sealed class StreamState(LogFile? file)
    {
        public LogFile? File => file;

        public LineBuffer Lines { get; } = new();

        public ArrayBufferWriter<byte> Formatted { get; } = new(1024);
    }
}
