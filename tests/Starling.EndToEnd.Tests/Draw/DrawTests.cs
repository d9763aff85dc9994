using Microsoft.Playwright;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Draw;

public sealed class DrawTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Two_people_draw_on_one_board()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var url = host.Url + "/draw/";
        var ada = await DrawPage.OpenAsync(browser, url, "Ada");
        var grace = await DrawPage.OpenAsync(browser, url, "Grace <b>Hopper</b>");

        // Each sees the other's stroke, pointer and name; a name is never markup.
        await ada.DrawAsync(0.2f, 0.2f, 0.6f, 0.2f);
        await grace.WaitForInkAsync(0.4f, 0.2f);
        await grace.DrawAsync(0.2f, 0.5f, 0.6f, 0.5f);
        await ada.WaitForInkAsync(0.4f, 0.5f);
        await grace.MoveAsync(0.9f, 0.7f);
        await ada.Page.GetByText("Grace <b>Hopper</b>").First.WaitForAsync();
        await ada.Page.Locator(".pointer").WaitForAsync();
        Assert.Equal(0, await ada.Page.Locator("#people b, .pointer b").CountAsync());
        await ScreenshotAsync(ada.Page, "draw-two-people");

        // Somebody who comes later sees the picture so far, on a phone too.
        var late = await DrawPage.OpenAsync(browser, url, "Late", new ViewportSize { Width = 390, Height = 760 });
        await late.WaitForInkAsync(0.4f, 0.2f);
        await late.WaitForInkAsync(0.4f, 0.5f);
        await late.TouchAsync(0.8f, 0.8f);
        await ada.WaitForInkAsync(0.8f, 0.8f);
        await ScreenshotAsync(late.Page, "draw-phone");

        // Undo takes back one's own stroke only.
        await ada.Page.Keyboard.PressAsync("Control+z");
        await grace.WaitForInkAsync(0.4f, 0.2f, ink: false);
        await grace.WaitForInkAsync(0.4f, 0.5f);

        await grace.Page.ClickAsync("#clear");
        await ada.WaitForInkAsync(0.4f, 0.5f, ink: false);
        await late.WaitForInkAsync(0.4f, 0.5f, ink: false);
    }

    [Fact]
    public async Task What_was_drawn_offline_arrives_after_the_reconnect()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var url = host.Url + "/draw/?board=offline";
        var ada = await DrawPage.OpenAsync(browser, url, "Ada");
        var grace = await DrawPage.OpenAsync(browser, url, "Grace");
        await ada.DrawAsync(0.2f, 0.2f, 0.6f, 0.2f);
        await grace.WaitForInkAsync(0.4f, 0.2f);

        // The connection breaks in the middle: the page's own reconnection brings everything back.
        await ada.Context.SetOfflineAsync(true);
        await ada.Page.EvaluateAsync("() => window.dispatchEvent(new Event('offline'))");
        await ada.WaitForStateAsync("offline");
        await ada.DrawAsync(0.2f, 0.7f, 0.6f, 0.7f);
        await grace.DrawAsync(0.2f, 0.9f, 0.6f, 0.9f);
        await ada.Context.SetOfflineAsync(false);
        await ada.WaitForStateAsync("online");
        await grace.WaitForInkAsync(0.4f, 0.7f);
        await ada.WaitForInkAsync(0.4f, 0.9f);
        await ada.WaitForInkAsync(0.4f, 0.2f);
    }

    private static Task ScreenshotAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Screenshots, name + ".png") });
}
