using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Ticker;

public sealed class TickerTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Quotes_come_by_polling_and_by_event_stream()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var poller = await OpenAsync(browser, host.Url + "/ticker/#STRL");
        var streamer = await OpenAsync(browser, host.Url + "/ticker/#STRL", new ViewportSize { Width = 360, Height = 740 });
        await streamer.GetByLabel("event stream").CheckAsync();

        foreach (var page in new[] { poller, streamer })
        {
            await page.Locator("#status[data-state=connected]").WaitForAsync();
            await WaitForPointsAsync(page, 5);
            Assert.Matches(@"^[▲▼■] ", await page.Locator("#change").InnerTextAsync());
        }

        Assert.Equal("Starling Aviation", await poller.Locator("#name").InnerTextAsync());
        await poller.SelectOptionAsync("#symbol", "SONG");
        await poller.GetByText("Songbird Media", new() { Exact = true }).WaitForAsync();
        await WaitForPointsAsync(poller, 3);
        await poller.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "ticker.png"), FullPage = true });
        await streamer.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "ticker-phone.png"), FullPage = true });
        Assert.True(await streamer.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));
    }

    [Fact]
    public async Task A_source_that_fails_is_said_to_and_asked_less_often()
    {
        var browser = chromium.Require();
        var failing = false;
        await using var source = await StartSourceAsync(() => failing);
        await using var host = await HostProcess.ServeAsync(
            "http://127.0.0.1:0", TestContext.Current.CancellationToken,
            settings: new Dictionary<string, string>
            {
                ["Ticker__Url"] = source.Urls.Single() + "/{symbol}",
                ["Ticker__Symbols__0"] = "ABC",
                ["Ticker__Retries"] = "1",
                ["Ticker__RetryDelay"] = "00:00:00.010",
                ["Ticker__BreakDuration"] = "00:00:01",
            });
        var poller = await OpenAsync(browser, host.Url + "/ticker/");
        var streamer = await OpenAsync(browser, host.Url + "/ticker/");
        await streamer.GetByLabel("event stream").CheckAsync();
        foreach (var page in new[] { poller, streamer })
        {
            await page.Locator("#last", new() { HasText = "12.50" }).WaitForAsync();
        }

        failing = true;
        foreach (var page in new[] { poller, streamer })
        {
            await page.Locator("body[data-stale=true]").WaitForAsync();
            await page.GetByText("The quote below is an old one.").WaitForAsync();
            Assert.Equal("12.50", await page.Locator("#last").InnerTextAsync());
        }

        await poller.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "ticker-failure.png"), FullPage = true });
        using var http = new HttpClient();
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await http.GetAsync(host.Url + "/ticker/api/quote?symbol=ABC", TestContext.Current.CancellationToken);
            answers.Add(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.All(answers, answer => Assert.DoesNotContain("\"callIn\":1000", answer, StringComparison.Ordinal));
        failing = false;
        foreach (var page in new[] { poller, streamer })
        {
            await page.Locator("#status[data-state=connected]").WaitForAsync(new() { Timeout = 60_000 });
        }
    }

    private static async Task<WebApplication> StartSourceAsync(Func<bool> failing)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/{symbol}", () => failing()
            ? Results.StatusCode(500)
            : Results.Text($$"""{"last":12.5,"previousClose":12,"bid":12.4,"ask":12.6,"high":13,"low":11.9,"volume":1000,"time":"{{DateTimeOffset.UtcNow:O}}"}""", "application/json"));
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task<IPage> OpenAsync(IBrowser browser, string url, ViewportSize? size = null)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = size ?? new ViewportSize { Width = 1000, Height = 700 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(url);
        return page;
    }

    private static Task WaitForPointsAsync(IPage page, int count) =>
        page.WaitForFunctionAsync("(count) => (document.getElementById('line').getAttribute('d') ?? '').split('L').length >= count", count);
}
