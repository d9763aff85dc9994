using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Questions;

public sealed class QuestionsTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Hostile = "Is <img src=x onerror=\"document.title='owned'\"> & <b>markup</b> shown as text?";

    [Fact]
    public async Task Questions_reach_everyone_and_answers_those_who_follow()
    {
        var browser = chromium.Require();
        var data = Directory.CreateTempSubdirectory("starling-").FullName;
        try
        {
            await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken, data);
            var ada = await OpenAsync(browser, host.Url);
            var grace = await OpenAsync(browser, host.Url);
            var joan = await OpenAsync(browser, host.Url, new ViewportSize { Width = 360, Height = 740 });

            await ada.FillAsync("#author", "Ada");
            await ada.FillAsync("#question", Hostile);
            await ada.ClickAsync("#ask button");
            foreach (var page in new[] { ada, grace, joan })
            {
                await page.Locator("#list").GetByText(Hostile).WaitForAsync();
                Assert.Equal("Questions · Starling", await page.TitleAsync());
                Assert.Equal(0, await page.Locator("#list img, #list b").CountAsync());
            }

            // Grace follows, Joan does not; both see that there is an answer only as far as they may.
            await grace.GetByRole(AriaRole.Button, new() { Name = "Follow", Exact = true }).ClickAsync();
            await grace.Locator("button[aria-pressed=true]").WaitForAsync();
            await ada.GetByText("Answer this question").ClickAsync();
            await ada.GetByLabel("Your answer").FillAsync("Yes, as text.");
            await ada.GetByRole(AriaRole.Button, new() { Name = "Answer", Exact = true }).ClickAsync();
            await ada.Locator("#list").GetByText("Yes, as text.").WaitForAsync();
            await grace.Locator("#list").GetByText("Yes, as text.").WaitForAsync();
            await ada.FillAsync("#question", "A second one?");
            await ada.ClickAsync("#ask button");
            await joan.Locator("#list").GetByText("A second one?").WaitForAsync();
            Assert.Equal(0, await joan.Locator("#list").GetByText("Yes, as text.").CountAsync());

            // The same question again is refused kindly.
            await joan.FillAsync("#question", "a SECOND one");
            await joan.ClickAsync("#ask button");
            await joan.GetByText("This has been asked already").WaitForAsync();
            await Screenshot(ada, "questions");
            await Screenshot(joan, "questions-phone");
            Assert.True(await joan.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));

            // Killed and started again: everything is there, and the pages go on by themselves.
            await host.KillAsync();
            await using var again = await HostProcess.ServeAsync(host.Url, TestContext.Current.CancellationToken, data);
            await grace.Locator("#status[data-state=connected]").WaitForAsync();
            await ada.FillAsync("#question", "Did the restart lose anything?");
            await ada.ClickAsync("#ask button");
            await grace.Locator("#list").GetByText("Did the restart lose anything?").WaitForAsync();
            await grace.ReloadAsync();
            await grace.Locator("#list").GetByText("Yes, as text.").WaitForAsync();
            Assert.Equal(3, await grace.Locator("#list > li").CountAsync());
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task The_keyboard_alone_is_enough()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var page = await OpenAsync(browser, host.Url);
        await page.Locator("#question").FocusAsync();
        await page.Keyboard.TypeAsync("Can I ask without a mouse?");
        await page.Keyboard.PressAsync("Control+Enter");
        await page.Locator("#list").GetByText("Can I ask without a mouse?").WaitForAsync();

        await TabToAsync(page, "Following");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Follow", Exact = true }).WaitForAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Following" }).WaitForAsync();
        await TabToAsync(page, "Answer this question");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".answer textarea:focus").WaitForAsync();
        await page.Keyboard.TypeAsync("You can.");
        await TabToAsync(page, "Answer");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".answers").GetByText("You can.").WaitForAsync();
    }

    [Fact]
    public async Task A_kill_loses_nothing_that_was_acknowledged()
    {
        var data = Directory.CreateTempSubdirectory("starling-").FullName;
        var url = "http://127.0.0.1:0";
        var acknowledged = new ConcurrentBag<string>();
        try
        {
            for (var round = 0; round < 3; round++)
            {
                await using var host = await HostProcess.ServeAsync(url, TestContext.Current.CancellationToken, data);
                url = host.Url;
                var asking = Enumerable.Range(0, 8).Select(i => AskUntilRefusedAsync(url, $"{round}-{i}", acknowledged)).ToArray();
                await Task.Delay(300 + (200 * round), TestContext.Current.CancellationToken);
                await host.KillAsync();
                await Task.WhenAll(asking);
            }

            await using var last = await HostProcess.ServeAsync(url, TestContext.Current.CancellationToken, data);
            using var http = new HttpClient();
            var board = await http.GetFromJsonAsync<JsonElement>(last.Url + "/questions/api/questions", TestContext.Current.CancellationToken);
            var kept = board.GetProperty("questions").EnumerateArray().Select(item => item.GetProperty("text").GetString()).ToHashSet();
            Assert.NotEmpty(acknowledged);
            Assert.Empty(acknowledged.Except(kept));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task AskUntilRefusedAsync(string url, string name, ConcurrentBag<string> acknowledged)
    {
        for (var i = 0; i < 200; i++)
        {
            // A new visitor for every question, since one alone may not ask so much.
            using var http = new HttpClient();
            var text = $"Question {name} number {i}";
            try
            {
                using var response = await http.PostAsJsonAsync(url + "/questions/api/questions", new { text }, TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    acknowledged.Add(text);
                }
            }
            catch (HttpRequestException)
            {
                // The server is gone; this question was not acknowledged.
                return;
            }
        }
    }

    private static async Task<IPage> OpenAsync(IBrowser browser, string url, ViewportSize? size = null)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = size ?? new ViewportSize { Width = 1000, Height = 800 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(url + "/questions/");
        await page.Locator("#status[data-state=connected]").WaitForAsync();
        return page;
    }

    private static async Task TabToAsync(IPage page, string text)
    {
        for (var i = 0; i < 12; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string>("document.activeElement.textContent.trim()") == text)
            {
                return;
            }
        }

        Assert.Fail($"'{text}' cannot be reached with the Tab key.");
    }

    private static Task Screenshot(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Screenshots, name + ".png"), FullPage = true });
}
