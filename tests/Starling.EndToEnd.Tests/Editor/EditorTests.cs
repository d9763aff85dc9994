using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;
using static Microsoft.Playwright.Assertions;

namespace Starling.EndToEnd.Tests.Editor;

public sealed class EditorTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Two_people_write_into_one_document_and_see_each_other()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var url = await EditorPage.CreateAsync(browser, host.Url, "Birds & <b>Bees?");
        var ada = await EditorPage.OpenAsync(browser, url, person: "Ada");
        var grace = await EditorPage.OpenAsync(browser, url, person: "Grace");

        await ada.WriteAsync("Starlings fly together.");
        await grace.ReadsAsync("Starlings fly together.");
        await grace.WriteAsync(" They sing, too.");
        await ada.ReadsAsync("Starlings fly together. They sing, too.");

        // Both at once, each into a line of its own.
        await ada.Page.Keyboard.PressAsync("Control+End");
        await ada.Page.Keyboard.PressAsync("Enter");
        await grace.ReadsAsync("Starlings fly together. They sing, too.", "");
        await grace.Text.ClickAsync();
        await grace.Page.Keyboard.PressAsync("Control+Home");
        var first = Task.Run(() => ada.Page.Keyboard.TypeAsync(new string('a', 120)));
        var second = Task.Run(() => grace.Page.Keyboard.TypeAsync(new string('g', 120)));
        await Task.WhenAll(first, second);
        string[] lines = [new string('g', 120) + "Starlings fly together. They sing, too.", new string('a', 120)];
        await ada.ReadsAsync(lines);
        await grace.ReadsAsync(lines);

        // Each sees the other's cursor by name, where it is, and both in the list of those who are here.
        await Expect(ada.Page.Locator(".ql-cursor-name")).ToHaveTextAsync("Grace");
        await Expect(grace.Page.Locator(".ql-cursor-name")).ToHaveTextAsync("Ada");
        await Expect(ada.Page.Locator("#people li")).ToHaveCountAsync(2);

        // Formatting travels as well.
        await ada.Page.Keyboard.PressAsync("Shift+Home");
        await ada.Page.Keyboard.PressAsync("Control+b");
        await grace.Page.Locator("#editor strong").GetByText("aaa").WaitForAsync();
        await ada.Page.Keyboard.PressAsync("End");
        await Screenshot(ada.Page, "editor-ada");
        await Screenshot(grace.Page, "editor-grace");

        await grace.Page.CloseAsync();
        await Expect(ada.Page.Locator("#people li")).ToHaveCountAsync(1);
        await Expect(ada.Page.Locator(".ql-cursor-name")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Somebody_whose_server_was_away_goes_on_writing_and_catches_up()
    {
        var browser = chromium.Require();
        var data = Directory.CreateTempSubdirectory("starling-").FullName;
        try
        {
            await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken, data);
            var url = await EditorPage.CreateAsync(browser, host.Url, "Away");
            var ada = await EditorPage.OpenAsync(browser, url, person: "Ada");
            var grace = await EditorPage.OpenAsync(browser, url, person: "Grace");
            await ada.WriteAsync("Before.");
            await grace.ReadsAsync("Before.");
            await ada.IsSavedAsync();

            await host.KillAsync();
            await ada.Page.GetByText("Offline").WaitForAsync();
            await grace.Page.GetByText("Offline").WaitForAsync();
            await ada.WriteAsync(" Ada was offline.");
            await grace.Text.ClickAsync();
            await grace.Page.Keyboard.PressAsync("Control+Home");
            await grace.Page.Keyboard.TypeAsync("Grace, too. ");
            await ada.Page.GetByText("your changes are kept").WaitForAsync();
            await Screenshot(ada.Page, "editor-offline");

            await using var again = await HostProcess.ServeAsync(host.Url, TestContext.Current.CancellationToken, data);
            await ada.IsSavedAsync();
            await grace.IsSavedAsync();
            await ada.ReadsAsync("Grace, too. Before. Ada was offline.");
            await grace.ReadsAsync("Grace, too. Before. Ada was offline.");
            await Expect(ada.Page.Locator("#people li")).ToHaveCountAsync(2);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task History_tells_who_wrote_what_and_restores()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var url = await EditorPage.CreateAsync(browser, host.Url, "Past");
        var ada = await EditorPage.OpenAsync(browser, url, person: "Ada");
        var grace = await EditorPage.OpenAsync(browser, url, person: "Grace");
        await ada.WriteAsync("Written by Ada.");
        await grace.ReadsAsync("Written by Ada.");
        await ada.IsSavedAsync();
        await grace.WriteAsync(" Continued by Grace.");
        await grace.IsSavedAsync();
        await grace.Text.ClickAsync();
        await grace.Page.Keyboard.PressAsync("Control+a");
        await grace.Page.Keyboard.PressAsync("Delete");
        await grace.Page.Keyboard.TypeAsync("All gone.");
        await ada.ReadsAsync("All gone.");
        await grace.IsSavedAsync();

        await ada.Page.ClickAsync("#history");
        var viewer = ada.Page.Locator("#viewer .ql-editor");
        await Expect(viewer).ToHaveTextAsync("All gone.");
        await Expect(ada.Page.Locator("#changes strong")).ToHaveCountAsync(3);
        await Expect(ada.Page.Locator("#changes strong").First).ToHaveTextAsync("Grace");
        await Expect(ada.Page.Locator("#changes strong").Nth(1)).ToHaveTextAsync("Ada");

        // The change of Ada ends where Grace began; the slider goes on from there.
        await ada.Page.Locator("#changes button").Nth(1).ClickAsync();
        await Expect(viewer).ToHaveTextAsync("Written by Ada.");
        await Expect(ada.Page.Locator("#moment")).ToContainTextAsync("Ada");
        await ada.Page.Locator("#version").FocusAsync();
        for (var i = 0; i < 40 && await viewer.TextContentAsync() != "Written by Ada. Continued by Grace."; i++)
        {
            await ada.Page.Keyboard.PressAsync("ArrowRight");
            await ada.Page.Locator($"#moment[data-version='{await ada.Page.InputValueAsync("#version")}']").WaitForAsync();
        }

        await Expect(viewer).ToHaveTextAsync("Written by Ada. Continued by Grace.");
        var authors = await viewer.Locator("[data-author]").EvaluateAllAsync<string[]>("all => all.map(e => e.textContent)");
        Assert.Equal(["Written by Ada.", " Continued by Grace."], authors);
        await Screenshot(ada.Page, "editor-history");

        await ada.Page.ClickAsync("#restore");
        await ada.ReadsAsync("Written by Ada. Continued by Grace.");
        await grace.ReadsAsync("Written by Ada. Continued by Grace.");
    }

    [Fact]
    public async Task Documents_are_listed_renamed_deleted_and_exported()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var url = await EditorPage.CreateAsync(browser, host.Url, "First");
        var page = await EditorPage.OpenAsync(browser, url, person: "Ada");
        await page.WriteAsync("A heading\n");
        await page.WriteAsync("<script>alert(1)</script> & more");
        await page.Page.Keyboard.PressAsync("Control+Home");
        await page.Page.Locator(".ql-toolbar .ql-header .ql-picker-label").ClickAsync();
        await page.Page.Locator(".ql-toolbar .ql-header .ql-picker-item[data-value='1']").ClickAsync();
        await page.IsSavedAsync();

        var list = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 360, Height = 740 } });
        await list.GotoAsync(host.Url + "/editor/");
        await list.GetByText("by Ada").WaitForAsync();
        await EditorPage.CreateAsync(browser, host.Url, "Second");
        await Expect(list.Locator("#list > li")).ToHaveCountAsync(2);
        await Expect(list.Locator("#list > li .name").First).ToHaveTextAsync("Second");

        // A name that is taken is refused where it is asked for; another one is everybody's at once.
        await list.GetByLabel("Rename First").ClickAsync();
        await list.GetByLabel("New name").FillAsync("second");
        await list.Locator("dialog button.primary").ClickAsync();
        await list.Locator("dialog").GetByText("There is a document named 'second' already").WaitForAsync();
        await list.GetByLabel("New name").FillAsync("Prime");
        await list.Locator("dialog button.primary").ClickAsync();
        await list.Locator("#list").GetByText("Prime").WaitForAsync();
        await Expect(page.Page.Locator("#title")).ToHaveTextAsync("Prime");
        await Expect(page.Page).ToHaveURLAsync(new Regex("/editor/Prime$"));
        await Screenshot(list, "editor-list-phone");
        Assert.True(await list.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));

        // The old address still leads there.
        var visitor = await EditorPage.OpenAsync(browser, url, isDarkPhone: true);
        await visitor.ReadsAsync("A heading", "<script>alert(1)</script> & more");
        await Expect(visitor.Page.Locator("#title")).ToHaveTextAsync("Prime");
        await Screenshot(visitor.Page, "editor-phone-dark");
        Assert.True(await visitor.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));

        using var http = new HttpClient();
        var ending = TestContext.Current.CancellationToken;
        var html = await http.GetStringAsync(host.Url + "/editor/api/documents/Prime/export.html", ending);
        Assert.Contains("<h1>A heading</h1>\n<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p>", html, StringComparison.Ordinal);
        Assert.StartsWith("# A heading\n\n\\<script\\>alert(1)\\</script\\> \\& more\n", await http.GetStringAsync(host.Url + "/editor/api/documents/First/export.md", ending), StringComparison.Ordinal);
        Assert.Equal("A heading\n<script>alert(1)</script> & more\n", await http.GetStringAsync(host.Url + "/editor/api/documents/prime/export.txt", ending));

        await list.GetByLabel("Delete Prime").ClickAsync();
        await list.Locator("dialog button.primary").ClickAsync();
        await Expect(list.Locator("#list > li")).ToHaveCountAsync(1);
        await page.Page.GetByText("This document was deleted").WaitForAsync();
        await visitor.Page.ReloadAsync();
        await visitor.Page.GetByText("There is no document named").WaitForAsync();
        await visitor.Page.GetByLabel("Create Prime").ClickAsync();
        await visitor.ReadsAsync("");
    }

    private static Task Screenshot(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Screenshots, name + ".png") });
}
