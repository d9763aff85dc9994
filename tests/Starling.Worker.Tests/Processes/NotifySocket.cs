using System.Net.Sockets;
using System.Text;

namespace Starling.Worker.Tests.Processes;

/// <summary>The supervisor's end of <c>sd_notify</c>.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="isAbstract">Whether it has a name of Linux that lives in no folder.</param>
    public NotifySocket(bool isAbstract = false)
    {
        Path = isAbstract ? $"@starling-{Guid.NewGuid():N}" : System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.notify");
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + Path[1..] : Path));
        _ = ReceiveAsync();
    }

    public string Path { get; }

    public async Task<string> WaitAsync(string beginning)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_lines.FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal)) is { } line)
                {
                    return line;
                }

                more = _more.Task;
            }

            await more;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Path);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            int count;
            try
            {
                count = await _socket.ReceiveAsync(buffer);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }

            lock (_gate)
            {
                _lines.AddRange(Encoding.UTF8.GetString(buffer, 0, count).Split('\n'));
                _more.TrySetResult();
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
