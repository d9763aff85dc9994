using Microsoft.Playwright;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Watcher;

public sealed class WatcherTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_chart_goes_on_when_a_worker_is_killed_while_two_visitors_move()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The test reads /proc.");
        var browser = chromium.Require();
        await using var watcher = await SupervisedWatcher.StartAsync();
        var admin = await AdminPage.OpenAsync(browser, watcher.AdminUrl);
        await admin.SignInAsync("wrong");
        await admin.Page.GetByText("That is not the password.").WaitForAsync();
        Assert.False(await admin.Page.Locator("#board").IsVisibleAsync());
        await admin.SignInAsync(SupervisedWatcher.Password);
        await admin.WaitUntilLiveAsync();

        await using var ada = await VisitorPage.OpenAsync(browser, watcher.VisitorUrl, 0);
        var grace = await VisitorPage.OpenAsync(browser, watcher.VisitorUrl, 2);
        await Assertions.Expect(admin.Visitors).ToHaveCountAsync(2);
        await admin.WaitForPathsAsync();
        await admin.WaitForMovesAsync();
        await Assertions.Expect(admin.Page.Locator("#events li[data-kind=Arrived]")).ToHaveCountAsync(2);

        // Killed while both move: the supervisor starts another one, the page comes back by itself as the same visitor, and no second is missing.
        var killed = await ada.ProcessAsync();
        var lastBefore = (await admin.ActivityAsync())[^1].Second;
        SupervisedWatcher.Kill(killed);
        await ada.WaitForOtherProcessAsync(killed);
        await admin.WaitForEventAsync("Returned", "came back");
        await admin.WaitForEventAsync("WorkerLost", $"process {killed}");
        await Assertions.Expect(admin.Visitors).ToHaveCountAsync(2);
        await WaitForSecondsAsync(admin, lastBefore + 5);
        var since = (await admin.ActivityAsync()).Where(activity => activity.Second > lastBefore).ToArray();
        Assert.Equal(Enumerable.Range(0, since.Length).Select(i => lastBefore + 1 + i), since.Select(activity => activity.Second));
        Assert.True(since.Count(activity => activity.Total > 0) >= since.Length - 2, "The chart went down: " + string.Join(", ", since));
        await admin.WaitForMovesAsync();
        await WaitForWorkersAsync(watcher, killed);
        await admin.ScreenshotAsync("watcher");

        // Replaced one by one, the workers tell their visitors to come back.
        await watcher.RunAsync("reload", "watcher");
        await admin.WaitForEventAsync("WorkerEnded", "ended");
        await ada.Page.Locator("#status[data-state=connected]").WaitForAsync();
        await Assertions.Expect(admin.Visitors).ToHaveCountAsync(2);
        await admin.WaitForMovesAsync();

        await grace.DisposeAsync();
        await admin.WaitForEventAsync("Left", "left");
        await Assertions.Expect(admin.Visitors).ToHaveCountAsync(1);

        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await admin.Page.GetByText("You have signed out.").WaitForAsync();
        await admin.Page.ReloadAsync();
        await admin.Page.GetByLabel("Password").WaitForAsync();
    }

    [Fact]
    public async Task The_board_comes_back_when_the_master_is_killed_and_nobody_has_to_sign_in_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The test reads /proc.");
        var browser = chromium.Require();
        await using var watcher = await SupervisedWatcher.StartAsync();
        await using var ada = await VisitorPage.OpenAsync(browser, watcher.VisitorUrl, 1);
        await using var grace = await VisitorPage.OpenAsync(browser, watcher.VisitorUrl, 4);
        var admin = await AdminPage.OpenAsync(browser, watcher.AdminUrl, new ViewportSize { Width = 1280, Height = 900 }, ColorScheme.Dark);
        await admin.SignInAsync(SupervisedWatcher.Password);
        await Assertions.Expect(admin.Visitors).ToHaveCountAsync(2);

        var master = (await watcher.PidsAsync("watcher-master")).Single();
        await admin.RecordStatesAsync();
        SupervisedWatcher.Kill(master);
        await admin.WaitUntilBackAsync();
        await Assertions.Expect(admin.Visitors).ToHaveCountAsync(2);
        await admin.WaitForMovesAsync();
        await admin.WaitForPathsAsync();
        await admin.ScreenshotAsync("watcher-dark");

        var phone = await AdminPage.OpenAsync(browser, watcher.AdminUrl, new ViewportSize { Width = 360, Height = 740 });
        await phone.Page.GetByLabel("Password").WaitForAsync();
        await phone.ScreenshotAsync("watcher-phone-sign-in");
        await phone.SignInAsync(SupervisedWatcher.Password);
        await phone.WaitForMovesAsync();
        await phone.WaitForPathsAsync();
        await phone.ScreenshotAsync("watcher-phone");
        Assert.True(await phone.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));
        await ada.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Screenshots, "watcher-visitor.png") });
    }

    private static async Task WaitForSecondsAsync(AdminPage admin, long second)
    {
        for (var i = 0; i < 300 && (await admin.ActivityAsync())[^1].Second < second; i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task WaitForWorkersAsync(SupervisedWatcher watcher, int killed)
    {
        var pids = await watcher.PidsAsync("watcher");
        for (var i = 0; i < 100 && (pids.Length < 2 || pids.Contains(killed)); i++)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            pids = await watcher.PidsAsync("watcher");
        }

        Assert.Equal(2, pids.Length);
        Assert.DoesNotContain(killed, pids);
    }
}
