using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Starling.Apps.Tests.Cache;

/// <summary>A source that sends one text to whoever asks, whether it is HTTP or not, and ends the connection. Ended with the test.</summary>
internal sealed class RawSource : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly byte[] _answer;
    private readonly Task _serving;

    /// <param name="answer">In Latin-1.</param>
    public RawSource(string answer)
    {
        _answer = Encoding.Latin1.GetBytes(answer);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}/";

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _serving;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_ending.Token);
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
                while (!string.IsNullOrEmpty(await reader.ReadLineAsync()))
                {
                }

                await client.GetStream().WriteAsync(_answer);
            }
            catch (IOException)
            {
                // Who asked has gone.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
