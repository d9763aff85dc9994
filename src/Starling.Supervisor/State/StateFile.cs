using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Starling.Supervisor.State;

/// <summary>
/// Writes the state down after each change, whole or not at all, so that a supervisor that is killed at any moment is followed by one that knows what runs.
/// One writer; changes that come while it writes are written together. Owned by the supervisor.
/// </summary>
internal sealed class StateFile(string path, Func<SupervisorState> read, ILogger log)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _version;
    private int _written;

    /// <summary>Notes that something changed; it is written soon.</summary>
    public void OnChanged()
    {
        Interlocked.Increment(ref _version);
        _ = WriteAsync();
    }

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
            await WriteAsync(path, read());
            _written = version;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.StateNotWritten(exception.Message);
        }
        finally
        {
            _turn.Release();
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
