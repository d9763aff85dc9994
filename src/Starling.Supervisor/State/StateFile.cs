using System.Text.Json;
using Microsoft.Extensions.Logging;
using Starling.Supervisor.Keeping;

namespace Starling.Supervisor.State;

/// <summary>
/// Writes the state down after each change, whole or not at all, so that a supervisor that is killed at any moment is followed by one that knows what runs.
/// One writer; changes that come while it writes are written together. What cannot be written, since the disk is full, the keeper keeps, so that the next supervisor
/// does not start a second time what runs. Owned by the supervisor.
/// </summary>
internal sealed class StateFile(string path, Func<SupervisorState> read, IDescriptorStore store, ILogger log)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _retries;
    private volatile bool _isEnded;
    private int _version;
    private int _written;
    private bool _hasFailed;

    /// <summary>Notes that something changed; it is written soon.</summary>
    public void OnChanged()
    {
        Interlocked.Increment(ref _version);
        WriteAsync().Observe(log, "The writing of the state");
    }

    /// <summary>Does not try again to write what could not be written.</summary>
    public void End() => _isEnded = true;

    /// <summary>Writes what has changed so far. Done when it is in the file.</summary>
    public async Task WriteAsync()
    {
        var wanted = Volatile.Read(ref _version);
        await _turn.WaitAsync();
        try
        {
            if (_written - wanted >= 0)
            {
                return;
            }

            var version = Volatile.Read(ref _version);
            var state = read();
            try
            {
                await WriteAsync(path, state);
                await store.NoteAsync(null);
                _hasFailed = false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (!_hasFailed)
                {
                    log.StateNotWritten(exception.Message);
                }

                _hasFailed = true;
                if (state.Groups.Count == 0)
                {
                    // Otherwise the next command would start again what was stopped. A full disk allows this.
                    TryDelete(path);
                }

                await store.NoteAsync(JsonSerializer.Serialize(state, StateJson.Default.SupervisorState));
                RetryAsync().Observe(log, "The writing of the state");
            }

            _written = version;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The log says already that the folder cannot be written.
        }
    }

    /// <summary>A folder that can be written again gets the state although nothing changes any more.</summary>
    private async Task RetryAsync()
    {
        if (Interlocked.Exchange(ref _retries, 1) == 0)
        {
            await Task.Delay(RetryDelay);
            Volatile.Write(ref _retries, 0);
            if (!_isEnded)
            {
                OnChanged();
            }
        }
    }

    /// <summary>Writes a state to a file: into a new one, which then takes the place of the old one.</summary>
    public static async Task WriteAsync(string path, SupervisorState state)
    {
        var next = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var file = new FileStream(next, options))
        {
            await JsonSerializer.SerializeAsync(file, state, StateJson.Default.SupervisorState);
        }

        File.Move(next, path, overwrite: true);
    }

    /// <summary>Reads a state; null when there is none.</summary>
    /// <exception cref="JsonException">The file is not what was written.</exception>
    public static async Task<SupervisorState?> ReadAsync(string path)
    {
        try
        {
            await using var file = File.OpenRead(path);
            return await JsonSerializer.DeserializeAsync(file, StateJson.Default.SupervisorState);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
