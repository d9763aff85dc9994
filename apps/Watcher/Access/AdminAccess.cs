using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Starling.Apps.Watcher.Access;

/// <summary>
/// The admin's password and sessions, kept in a file for its owner only, so that a restart signs nobody out. Another password ends all sessions. Safe for use by
/// several threads.
/// </summary>
internal sealed class AdminAccess
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Iterations = 300_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int TokenBytes = 32;
    private const int GeneratedBytes = 12;
    private const int MaxSessions = 32;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private AccessState _state;

    private AdminAccess(string path, AccessState state, TimeProvider time, ILogger logger) => (_path, _state, _time, _logger) = (path, state, time, logger);

    /// <summary>How long a session lasts.</summary>
    public static TimeSpan SessionTime { get; } = TimeSpan.FromHours(12);

    /// <summary>Reads the file, or makes it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="password">The password; null for that of the last time, or else a new one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where trouble with the file goes.</param>
    /// <returns>The access, and the password if one was made up, which has to be told to the admin now or never.</returns>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="JsonException">The file is damaged.</exception>
    public static (AdminAccess Access, string? Generated) Open(string path, string? password, TimeProvider time, ILogger logger)
    {
        var known = File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), WatcherJson.Default.AccessState) : null;
        if (known is not null && (password is null || Matches(known, password)))
        {
            return (new AdminAccess(path, known, time, logger), null);
        }

        var generated = password is null ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(GeneratedBytes)) : null;
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var state = new AccessState { Salt = salt, Iterations = Iterations, PasswordHash = Hash(password ?? generated!, salt, Iterations) };
        Write(path, state);
        return (new AdminAccess(path, state, time, logger), generated);
    }

    /// <summary>Whether a password is the right one. Takes a fraction of a second of a core, on purpose.</summary>
    public bool IsPassword(string password) => Matches(_state, password);

    /// <summary>Begins a session.</summary>
    /// <returns>What the browser has to present.</returns>
    public string SignIn()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var now = _time.GetUtcNow();
        Change(sessions => [.. sessions.Where(session => session.Expires > now).TakeLast(MaxSessions - 1), new AccessSession(HashOf(token), now + SessionTime)]);
        return token;
    }

    public bool IsSignedIn(string token)
    {
        var (hash, now) = (HashOf(token), _time.GetUtcNow());
        return _state.Sessions.Any(session => session.TokenHash == hash && session.Expires > now);
    }

    public void SignOut(string token)
    {
        var hash = HashOf(token);
        Change(sessions => [.. sessions.Where(session => session.TokenHash != hash)]);
    }

    private void Change(Func<IReadOnlyList<AccessSession>, IReadOnlyList<AccessSession>> change)
    {
        lock (_lock)
        {
            _state = _state with { Sessions = change(_state.Sessions) };
            try
            {
                Write(_path, _state);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _logger.SessionsNotWritten(_path, exception.Message);
            }
        }
    }

    private static bool Matches(AccessState state, string password) =>
        CryptographicOperations.FixedTimeEquals(Hash(password, state.Salt, state.Iterations), state.PasswordHash);

    private static byte[] Hash(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes);

    private static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static void Write(string path, AccessState state)
    {
        var next = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(next, options))
        {
            JsonSerializer.Serialize(file, state, WatcherJson.Default.AccessState);
        }

        File.Move(next, path, overwrite: true);
    }
}
