using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Health;

namespace Starling.Supervisor.Tests.Health;

public sealed class LivenessProbeTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<string> _reasons = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, string> _environment = [];
    private Task _running = Task.CompletedTask;
    private Task _serving = Task.CompletedTask;
    private volatile string? _answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private int _asked;

    public LivenessProbeTests()
    {
        _listener.Start();
        _environment["PORT"] = ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    [Fact]
    public async Task A_server_that_answers_is_alive()
    {
        Serve();
        Probe("http://127.0.0.1:{PORT}/health");
        await UntilAskedAsync(5);
        Assert.False(_reasons.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "it answered with status 503")]
    [InlineData("garbage\r\n\r\n", "")]
    [InlineData(null, "it did not answer within 0.3 s")]
    public async Task A_server_that_fails_is_told_after_some_failures_in_a_row(string? answer, string reason)
    {
        _answer = answer;
        Serve();
        Probe("http://127.0.0.1:{PORT}/health");
        var told = await NextAsync();
        Assert.StartsWith($"http://127.0.0.1:{_environment["PORT"]}/health did not show that it is alive 3 times in a row: ", told, StringComparison.Ordinal);
        Assert.Contains(reason, told, StringComparison.Ordinal);
        Assert.True(_asked >= 3);

        // It goes on: the worker decides what follows.
        await NextAsync();
    }

    [Fact]
    public async Task A_redirection_is_an_answer()
    {
        _answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
        Serve();
        Probe("http://127.0.0.1:{PORT}/");
        await UntilAskedAsync(5);
        Assert.False(_reasons.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_port_that_accepts_is_alive_and_one_that_refuses_is_not()
    {
        Serve();
        Probe("tcp://127.0.0.1:{PORT}");
        await UntilAskedAsync(4);
        Assert.False(_reasons.Reader.TryRead(out _));
        _listener.Stop();
        Assert.Contains("refused", await NextAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{NO_SUCH}/", "names the variable NO_SUCH")]
    [InlineData("tcp://127.0.0.1", "is none")]
    [InlineData("http://", "is none")]
    public void An_address_that_is_none_is_refused(string url, string says) =>
        Assert.Contains(says, Assert.Throws<AppConfigException>(() => new LivenessProbe(new LivenessConfig { Url = url }, _environment, TimeProvider.System)).Message, StringComparison.Ordinal);

    private void Probe(string url)
    {
        var config = new LivenessConfig { Url = url, Interval = TimeSpan.FromMilliseconds(20), Timeout = TimeSpan.FromMilliseconds(300), Failures = 3 };
        if (_answer?.Contains("200", StringComparison.Ordinal) == true || _answer?.Contains("302", StringComparison.Ordinal) == true)
        {
            // Where no failure is expected, a slow machine must not make one.
            config = config with { Timeout = TimeSpan.FromSeconds(30) };
        }

        _running = new LivenessProbe(config, _environment, TimeProvider.System).RunAsync(
            reason =>
            {
                _reasons.Writer.TryWrite(reason);
                return Task.CompletedTask;
            },
            _end.Token);
    }

    private void Serve() => _serving = ServeAsync();

    private async Task ServeAsync()
    {
        var open = new List<Socket>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                open.Add(socket);
                Interlocked.Increment(ref _asked);
                if (_answer is { } answer)
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(answer), _end.Token);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            open.ForEach(socket => socket.Dispose());
        }
    }

    private async Task UntilAskedAsync(int times)
    {
        var start = Environment.TickCount64;
        while (Volatile.Read(ref _asked) < times)
        {
            Assert.True(Environment.TickCount64 - start < Limit.TotalMilliseconds, "the server was not asked");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> NextAsync() =>
        await _reasons.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
}
