using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// Where processes find what the supervisor makes for them: the socket of their notifications, the folder of their cluster, the script that Node loads first. For
/// processes of another user that is not in the supervisor's folder, which only its owner may enter, but in <c>/run</c> (or the folder of temporary files).
/// </summary>
internal sealed class WorkerPlaces(SupervisorFolder folder)
{
    private const string DrainScript = "drain.cjs";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PassThrough = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode ForReaders = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly Lazy<byte[]> Script = new(ReadScript);

    private string Shared { get; } = System.IO.Path.Combine(
        Directory.Exists("/run") ? "/run" : System.IO.Path.GetTempPath(),
        "starling-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder.Path)))[..10]);

    /// <summary>The path at which a process is to send its notifications.</summary>
    public string NotifyOf(string? user, long number) =>
        System.IO.Path.Combine(user is null ? folder.Run : MakeShared(), string.Create(CultureInfo.InvariantCulture, $"notify-{number}"));

    /// <summary>The folder in which the processes of an application find each other. Processes of the supervisor's own user make it themselves.</summary>
    public string ClusterOf(AppConfig config)
    {
        var own = folder.ClusterOf(config.Namespace, config.Name);
        if (config.User is null)
        {
            return own;
        }

        var path = System.IO.Path.Combine(MakeShared(), "c-" + System.IO.Path.GetFileName(own));
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, OwnerOnly);
            UserIds.Of(config.User, config.Group)?.Give(path);
        }

        return path;
    }

    /// <summary>The path of the script that Node loads before one of <c>cluster</c> mode; null when it cannot be written.</summary>
    public string? DrainScriptOf(AppConfig config)
    {
        try
        {
            var path = System.IO.Path.Combine(config.User is null ? folder.Run : MakeShared(), DrainScript);
            if (!File.Exists(path) || new FileInfo(path).Length != Script.Value.Length || !File.ReadAllBytes(path).AsSpan().SequenceEqual(Script.Value))
            {
                var next = $"{path}.{Guid.NewGuid():N}";
                File.WriteAllBytes(next, Script.Value);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(next, ForReaders);
                }

                File.Move(next, path, overwrite: true);
            }

            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes what was made for other users, when nothing runs any more.</summary>
    public void Remove()
    {
        try
        {
            if (Directory.Exists(Shared) && PathOwner.IsOwn(Shared))
            {
                Directory.Delete(Shared, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left there is used again by the next supervisor.
        }
    }

    private string MakeShared()
    {
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Shared, PassThrough);
            if (!PathOwner.IsOwn(Shared))
            {
                throw new IOException($"The folder {Shared} belongs to another user. Remove it.");
            }

            File.SetUnixFileMode(Shared, PassThrough);
        }

        return Shared;
    }

    private static byte[] ReadScript()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(DrainScript)!;
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        return copy.ToArray();
    }
}
