using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Browsers;

/// <summary>What a page of a browser gets from the server beside the pages of the applications.</summary>
public sealed class ClientFileTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Theory]
    [InlineData("socket.io.js")]
    [InlineData("socket.io.min.js")]
    public async Task A_page_uses_the_client_that_the_server_hands_out(string file)
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(host.Url + "/");
        await page.AddScriptTagAsync(new() { Url = "/socket.io/" + file });

        var isConnected = await page.EvaluateAsync<bool>(
            "() => new Promise((resolve, reject) => { const socket = io(); socket.on('connect', () => resolve(socket.connected)); socket.on('connect_error', reject); })");

        Assert.True(isConnected);
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_websocket_with_subprotocols_opens()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(host.Url + "/");

        var protocol = await page.EvaluateAsync<string>(
            """
            () => new Promise((resolve, reject) => {
              const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket", ["json", "xml"]);
              socket.onopen = () => resolve(socket.protocol);
              socket.onerror = () => reject(new Error("The WebSocket did not open."));
            })
            """);

        Assert.Equal("json", protocol);
        await page.CloseAsync();
    }
}
