using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Starling.Messaging.Diagnostics;

namespace Starling.Messaging.Links;

/// <summary>
/// Listens on a Unix socket. The file that a killed process left is replaced; one behind which somebody listens, or that is no socket, is
/// left alone. A lock on a file beside it, which is held as long as the socket is there, keeps servers from replacing or removing each other's.
/// </summary>
internal static class UnixSocket
{
    private const int Attempts = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">Another process listens there, or the file is no socket, or the system refuses.</exception>
    public static async Task<SocketListener> ListenAsync(LinkAddress address, ILogger logger, CancellationToken cancellationToken)
    {
        var path = address.Name;
        var owned = await TakeLockAsync(address, cancellationToken);
        Socket? socket = null;
        try
        {
            if (File.Exists(path))
            {
                await RemoveStaleAsync(path, logger, cancellationToken);
            }

            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                // Before listening, so that there is no moment in which others could connect.
                File.SetUnixFileMode(path, OwnerOnly);
            }

            socket.Listen(512);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            await owned.DisposeAsync();
            throw new IOException($"{address} cannot be listened on: {e.Message}", e);
        }
        catch
        {
            socket?.Dispose();
            await owned.DisposeAsync();
            throw;
        }

        return SocketListener.OverUnix(socket, address, () => Remove(path), owned);
    }

    private static void Remove(string path)
    {
        // Deleting fails where the whole folder is gone.
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static async Task RemoveStaleAsync(string path, ILogger logger, CancellationToken cancellationToken)
    {
        if (!IsSocket(path))
        {
            throw new IOException($"{path} exists and is no socket; it is left alone.");
        }

        if (await IsListeningAsync(path, cancellationToken))
        {
            throw Taken(path);
        }

        File.Delete(path);
        logger.StaleSocketRemoved(path);
    }

    /// <summary>Whether a process accepts connections at a socket.</summary>
    private static async Task<bool> IsListeningAsync(string path, CancellationToken cancellationToken)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
        catch (SocketException e)
        {
            throw new IOException($"Cannot find out whether a process listens on {path}: {e.Message}", e);
        }
    }

    private static IOException Taken(string path) => new($"Another process is listening on {path}; stop it, or choose another path.");

    /// <summary>A socket is what cannot be opened as a file. Opening for reading and writing neither changes a file nor waits at a fifo.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return e is not FileNotFoundException and not DirectoryNotFoundException;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<FileStream> TakeLockAsync(LinkAddress address, CancellationToken cancellationToken)
    {
        var path = address.Name + ".lock";
        if (Path.GetDirectoryName(address.Name) is { } folder && !Directory.Exists(folder))
        {
            throw new IOException($"{address} cannot be listened on: the folder {folder} does not exist.");
        }

        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (attempt < Attempts && e is not FileNotFoundException and not DirectoryNotFoundException and not PathTooLongException)
            {
                // Its holder starts or ends, and then is soon done; or listens.
                if (File.Exists(address.Name) && IsSocket(address.Name) && await IsListeningAsync(address.Name, cancellationToken))
                {
                    throw Taken(address.Name);
                }

                await Task.Delay(Pause, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{address} cannot be listened on: its lock {path} is held by another server, or cannot be opened: {e.Message}", e);
            }
        }
    }
}
