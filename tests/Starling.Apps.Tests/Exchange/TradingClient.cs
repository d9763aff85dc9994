using System.Net;
using System.Net.Sockets;

namespace Starling.Apps.Tests.Exchange;

/// <summary>A client of an exchange: a line, and its answer.</summary>
internal sealed class TradingClient : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private TradingClient(TcpClient tcp)
    {
        _tcp = tcp;
        _reader = new StreamReader(tcp.GetStream());
        _writer = new StreamWriter(tcp.GetStream()) { AutoFlush = true, NewLine = "\n" };
    }

    public static async Task<TradingClient> ConnectAsync(IPEndPoint endPoint)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(endPoint, TestContext.Current.CancellationToken);
        return new TradingClient(tcp);
    }

    public async Task<string?> SayAsync(string line)
    {
        await _writer.WriteLineAsync(line);
        return await HearAsync();
    }

    public Task WriteAsync(string text) => _writer.WriteAsync(text);

    /// <summary>Ends our side; the other may still answer.</summary>
    public void EndSpeaking() => _tcp.Client.Shutdown(SocketShutdown.Send);

    public async Task<string?> HearAsync() =>
        await _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    public void Dispose() => _tcp.Dispose();
}
