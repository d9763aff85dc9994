using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Logs;

/// <summary>
/// By whose rights log files are opened, renamed and removed. Root's supervisor acts as the application's user in folders that another user than root can change: a
/// link there leads no further than that user may go, and is not followed. Immutable.
/// </summary>
internal sealed class FileOwner
{
    // https://man7.org/linux/man-pages/man2/open.2.html
    private const int ReadOnly = 0;
    private const int ReadWrite = 0x2;
    private const int Create = 0x40;
    private const int DoNotBlock = 0x800;
    private const int CloseOnExec = 0x80000;
    private const uint FileMode = 0b110_100_000;
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;

    private readonly UserIds? _ids;

    private FileOwner(UserIds? ids) => _ids = ids;

    /// <summary>This process's user.</summary>
    public static FileOwner Self { get; } = new(null);

    /// <summary>Whether files belong to another user.</summary>
    public bool IsOther => _ids is not null;

    /// <summary>By whose rights a log file of an application is used.</summary>
    public static FileOwner Of(AppConfig app, string? path) =>
        OperatingSystem.IsLinux() && app.User is { } user && path is not null && Libc.geteuid() == 0
        && UserIds.Of(user, app.Group) is { User: not 0 } ids && Path.GetDirectoryName(path) is { } folder && PathOwner.IsChangeableByOthers(folder)
            ? new FileOwner(ids)
            : Self;

    /// <summary>Acts by the owner's rights on this thread until the result is disposed; nothing may be awaited meanwhile.</summary>
    public Scope Enter() => new(_ids);

    /// <summary>Opens a file to write, and makes it where it is missing.</summary>
    /// <exception cref="IOException">It is a link of another user, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public SafeFileHandle OpenToWrite(string path) => IsOther
        ? Open(path, ReadWrite | Create)
        : File.OpenHandle(path, System.IO.FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Opens a file to read.</summary>
    /// <exception cref="IOException">It is a link of another user, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public SafeFileHandle OpenToRead(string path) => IsOther ? Open(path, ReadOnly) : File.OpenHandle(path, System.IO.FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static SafeFileHandle Open(string path, int flags)
    {
        var number = Libc.open(path, flags | NoFollow | DoNotBlock | CloseOnExec, FileMode);
        if (number >= 0)
        {
            return new SafeFileHandle(number, ownsHandle: true);
        }

        var error = Marshal.GetLastPInvokeError();
        var message = $"'{path}' cannot be opened: {new Win32Exception(error).Message}";
        throw error switch
        {
            2 => new FileNotFoundException(message, path),
            13 => new UnauthorizedAccessException(message),
            40 => new IOException($"'{path}' is a link, which is not followed in a folder that belongs to another user than root."),
            _ => new IOException(message),
        };
    }

    /// <summary>The time in which a thread acts by other rights.</summary>
    internal readonly ref struct Scope
    {
        private readonly bool _isOther;

        internal Scope(UserIds? ids)
        {
            if (ids is { } other)
            {
                // The group first: the right to change it goes with the user.
                _isOther = true;
                _ = Libc.setfsgid(other.Group);
                _ = Libc.setfsuid(other.User);
            }
        }

        public void Dispose()
        {
            if (_isOther)
            {
                _ = Libc.setfsuid(0);
                _ = Libc.setfsgid(0);
            }
        }
    }
}
