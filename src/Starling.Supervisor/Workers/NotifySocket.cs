using System.Net.Sockets;
using System.Text;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// Where a worker says how it is, by systemd's protocol (sd_notify): datagrams of lines such as <c>READY=1</c> and <c>STATUS=...</c>. One for each process;
/// its file goes with it.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    private const int MaxDatagram = 4096;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everyone = OwnerOnly | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly Socket _socket;

    private NotifySocket(Socket socket, string path) => (_socket, Path) = (socket, path);

    /// <summary>The path, or <c>@</c> and the name of a socket that lies in no folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Opens the socket, in the place of one that a former supervisor had there. When there is no room for it in its folder, one is opened that needs none.
    /// </summary>
    /// <param name="path">Gives the path; null, or what was opened before, when that is known.</param>
    /// <param name="user">User that may write to it; null for this process's.</param>
    /// <param name="group">Group of the user; null for its own.</param>
    public static NotifySocket Open(Func<string> path, string? user, string? group)
    {
        try
        {
            return At(path(), user, group);
        }
        catch (Exception exception) when (OperatingSystem.IsLinux() && exception is SocketException or IOException or UnauthorizedAccessException)
        {
            // The disk is full, or the folder may not be written.
            return At($"@starling-{Guid.NewGuid():N}", user, group);
        }
    }

    /// <summary>Hands every line on until the socket is disposed.</summary>
    /// <param name="onAssignment">Gets name and value. What it throws concerns that line alone.</param>
    /// <param name="onUnreadable">Gets what it threw.</param>
    public async Task ReceiveAsync(Action<string, string> onAssignment, Action<Exception> onUnreadable)
    {
        var buffer = new byte[MaxDatagram];
        while (true)
        {
            try
            {
                var count = await _socket.ReceiveAsync(buffer.AsMemory());
                foreach (var line in Encoding.UTF8.GetString(buffer, 0, count).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                    {
                        onAssignment(line[..equals], line[(equals + 1)..]);
                    }
                }
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // The process has ended, and the socket with it.
                return;
            }
            catch (Exception exception)
            {
                onUnreadable(exception);
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        try
        {
            if (!IsAbstract(Path))
            {
                File.Delete(Path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The folder cannot be written now. Nothing listens there, and the number is not used again.
        }
    }

    private static bool IsAbstract(string path) => path[0] == '@';

    private static NotifySocket At(string path, string? user, string? group)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            if (IsAbstract(path))
            {
                socket.Bind(new UnixDomainSocketEndPoint('\0' + path[1..]));
                return new NotifySocket(socket, path);
            }

            File.Delete(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (user is not null && !OperatingSystem.IsWindows())
            {
                var ids = UserIds.Of(user, group);
                File.SetUnixFileMode(path, ids is null ? Everyone : OwnerOnly);
                ids?.Give(path);
            }

            return new NotifySocket(socket, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
