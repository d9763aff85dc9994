using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor;

/// <summary>The folder in which a supervisor keeps what it has to find again: its control socket, its state, its logs. Only its owner may look into it.</summary>
public sealed class SupervisorFolder
{
    /// <summary>Variable that names the folder: <c>STARLING_HOME</c>.</summary>
    public const string Variable = "STARLING_HOME";

    /// <summary>Variable that tells the processes of one application where they find each other: <c>STARLING_CLUSTER</c>.</summary>
    public const string ClusterVariable = "STARLING_CLUSTER";

    internal const string WorkerVariable = "STARLING_WORKER";

    private const int MaxPath = 80;

    // The longest folder, with "/c/", so many letters and the 19 that a node adds, makes the 107 bytes that the system allows for a socket.
    private const int ClusterLetters = 5;
    private const string Letters = "0123456789abcdefghijklmnopqrstuv";

    /// <summary>Makes the folder where it is missing.</summary>
    /// <param name="path">Path; null for <c>$STARLING_HOME</c>, or else <c>~/.starling</c>.</param>
    /// <exception cref="IOException">It cannot be made, or its path is too long for the sockets in it.</exception>
    public SupervisorFolder(string? path = null)
    {
        Path = System.IO.Path.GetFullPath(path ?? Environment.GetEnvironmentVariable(Variable) ?? System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".starling"));
        if (Path.Length > MaxPath)
        {
            throw new IOException($"The supervisor's folder {Path} has a path of {Path.Length} characters; sockets in it allow {MaxPath}. Choose another one by {Variable}.");
        }

        Make(Path);
        Make(Run);
        Make(Logs);
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Where commands reach the daemon.</summary>
    public string ControlSocket => System.IO.Path.Combine(Path, "control.sock");

    /// <summary>Held locked by the daemon that has the folder.</summary>
    public string LockFile => System.IO.Path.Combine(Path, "daemon.lock");

    /// <summary>Held locked by the keeper, which starts a daemon again.</summary>
    public string KeeperLockFile => System.IO.Path.Combine(Path, "keeper.lock");

    /// <summary>What the daemon itself has to say.</summary>
    public string DaemonLog => System.IO.Path.Combine(Path, "daemon.log");

    /// <summary>What runs, for the next daemon.</summary>
    public string StateFile => System.IO.Path.Combine(Path, "state.json");

    /// <summary>What <c>save</c> wrote, for <c>resurrect</c>.</summary>
    public string SavedFile => System.IO.Path.Combine(Path, "saved.json");

    /// <summary>Sockets of the workers' notifications.</summary>
    public string Run => System.IO.Path.Combine(Path, "run");

    /// <summary>Where logs go that have no other place.</summary>
    public string Logs => System.IO.Path.Combine(Path, "logs");

    /// <summary>The folder in which the processes of an application find each other; made by them. Short whatever the application is called, since sockets' paths must be.</summary>
    internal string ClusterOf(string @namespace, string application)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(@namespace + "\n" + application));
        return System.IO.Path.Combine(Path, "c", string.Concat(hash.Take(ClusterLetters).Select(static part => Letters[part % Letters.Length])));
    }

    /// <summary>What stands in the environment of a worker, and of all that it starts, so that they are found again whatever happens.</summary>
    internal string WorkerMark(long number) => string.Create(CultureInfo.InvariantCulture, $"{Path}#{number}");

    /// <summary>
    /// What is started without the marks of a worker in its environment. A supervisor that is started from inside a worker is not a part of that worker, and passes
    /// on to its own workers nothing of what that one was told.
    /// </summary>
    internal static SpawnOptions WithoutMarks(SpawnOptions options)
    {
        var given = options.Environment ?? Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(static pair => (string)pair.Key, static pair => (string?)pair.Value ?? "");
        return options with
        {
            Environment = given.Where(static variable => variable.Key is not (WorkerVariable or ClusterVariable)).ToDictionary(static variable => variable.Key, static variable => variable.Value),
        };
    }

    private static void Make(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The supervisor's folder {path} cannot be made: {exception.Message} Choose another one by {Variable}.", exception);
        }
    }
}
