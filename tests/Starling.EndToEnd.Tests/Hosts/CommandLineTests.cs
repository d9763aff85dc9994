using System.Net;
using System.Net.Sockets;

namespace Starling.EndToEnd.Tests.Hosts;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_names_the_commands()
    {
        var (code, output, _) = await HostProcess.RunAsync(["--help"], TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        Assert.Contains("serve", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "no address to listen on")]
    [InlineData("ftp://localhost:1", "use http or https")]
    [InlineData("http://localhost:99999", "a port is 0 to 65535")]
    public async Task An_address_that_cannot_be_is_refused_with_the_reason(string url, string expected)
    {
        var (code, output, error) = await HostProcess.RunAsync(["serve", "--urls", url], TestContext.Current.CancellationToken);
        Assert.NotEqual(0, code);
        Assert.Contains(expected, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (code, _, error) = await HostProcess.RunAsync(
            ["serve", "--urls", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"], TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        Assert.Contains("choose another address with --urls", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_come_with_the_right_caching_and_protection()
    {
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var page = await client.GetAsync("/draw/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.True(page.Headers.CacheControl!.NoCache);
        Assert.Contains("object-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var script = html[html.IndexOf("/assets/", StringComparison.Ordinal)..].Split('"')[0];
        using var asset = await client.GetAsync(script, TestContext.Current.CancellationToken);
        Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("Healthy", await client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stop_tells_connected_clients_to_go_and_ends_with_success()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends SIGTERM, which Windows does not have.");
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        await socket.ConnectAsync(
            new Uri(host.Url.Replace("http", "ws", StringComparison.Ordinal) + "/socket.io/?EIO=4&transport=websocket"),
            TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        await host.TerminateAsync(TestContext.Current.CancellationToken);
        var last = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.WebSockets.WebSocketMessageType.Close, last.MessageType);
        await socket.CloseOutputAsync(
            System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        Assert.Equal(0, await host.WaitForExitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }
}
