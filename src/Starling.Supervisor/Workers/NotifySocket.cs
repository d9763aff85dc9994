using System.Net.Sockets;
using System.Text;

namespace Starling.Supervisor.Workers;

/// <summary>
/// Where a worker says how it is, by systemd's protocol (sd_notify): datagrams of lines such as <c>READY=1</c> and <c>STATUS=...</c>. One for each process;
/// its file goes with it.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    private const int MaxDatagram = 4096;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    private NotifySocket(string path) => Path = path;

    public string Path { get; }

    /// <summary>Opens the socket, in the place of one that a former supervisor had there.</summary>
    public static NotifySocket Open(string path)
    {
        File.Delete(path);
        var notify = new NotifySocket(path);
        notify._socket.Bind(new UnixDomainSocketEndPoint(path));
        return notify;
    }

    /// <summary>Hands every line on until the socket is disposed.</summary>
    public async Task ReceiveAsync(Action<string, string> onAssignment)
    {
        var buffer = new byte[MaxDatagram];
        try
        {
            while (true)
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
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The process has ended, and the socket with it.
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Path);
    }
}
