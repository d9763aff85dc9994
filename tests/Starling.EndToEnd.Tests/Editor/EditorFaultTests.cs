using System.Text.Json;
using Starling.EndToEnd.Tests.Browsers;
using Starling.EndToEnd.Tests.Hosts;
using static Microsoft.Playwright.Assertions;

namespace Starling.EndToEnd.Tests.Editor;

/// <summary>What must not cost anyone a letter: a silent network, a large paste, a stranger's malformed presence.</summary>
public sealed class EditorFaultTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_page_says_offline_as_soon_as_the_device_is_and_catches_up()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var ada = await EditorPage.OpenAsync(browser, await EditorPage.CreateAsync(browser, host.Url, "Offline"), person: "Ada");

        await ada.Page.Context.SetOfflineAsync(true);
        await Expect(ada.Page.Locator("#status")).ToContainTextAsync("Offline", new() { Timeout = 3_000 });
        await ada.WriteAsync("Written in a tunnel.");
        await Expect(ada.Page.Locator("#status")).ToContainTextAsync("your changes are kept");

        await ada.Page.Context.SetOfflineAsync(false);
        await ada.IsSavedAsync();
        var grace = await EditorPage.OpenAsync(browser, ada.Page.Url);
        await grace.ReadsAsync("Written in a tunnel.");
    }

    [Fact]
    public async Task The_page_notices_a_server_that_answers_nothing_while_the_connection_stays_open()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var ada = await EditorPage.OpenAsync(browser, await EditorPage.CreateAsync(browser, host.Url, "Stopped"), person: "Ada");

        await host.SignalAsync("STOP", TestContext.Current.CancellationToken);
        try
        {
            await Expect(ada.Page.Locator("#status")).ToContainTextAsync("Offline", new() { Timeout = 20_000 });
        }
        finally
        {
            await host.SignalAsync("CONT", TestContext.Current.CancellationToken);
        }

        await ada.WriteAsync("Back.");
        await ada.IsSavedAsync();
    }

    [Fact]
    public async Task A_paste_larger_than_an_operation_arrives_whole_and_keeps_the_caret()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var ada = await EditorPage.OpenAsync(browser, await EditorPage.CreateAsync(browser, host.Url, "Large"), person: "Ada");
        await ada.WriteAsync("[]");
        await ada.Page.Keyboard.PressAsync("ArrowLeft");
        await ada.Page.EvaluateAsync(
            """
            () => {
              const clipboardData = new DataTransfer();
              clipboardData.setData("text/plain", Array.from({ length: 150 }, () => "\u{1F426}x".repeat(1500)).join("\n"));
              document.querySelector("#editor .ql-editor").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
            }
            """);
        await ada.Page.Keyboard.TypeAsync("END");
        await ada.IsSavedAsync();

        const string Summary = "() => { const all = document.querySelector('#editor .ql-editor').innerText; return [all.split('\\u{1F426}').length - 1, all.trim().endsWith('END]'), all.includes('\\uFFFD')].join(); }";
        Assert.Equal("225000,true,false", await ada.Page.EvaluateAsync<string>(Summary));
        var grace = await EditorPage.OpenAsync(browser, ada.Page.Url);
        await grace.IsSavedAsync();
        Assert.Equal("225000,true,false", await grace.Page.EvaluateAsync<string>(Summary));
    }

    [Fact]
    public async Task A_malformed_presence_of_a_stranger_harms_nobody()
    {
        var browser = chromium.Require();
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        var url = await EditorPage.CreateAsync(browser, host.Url, "Strange");
        var ada = await EditorPage.OpenAsync(browser, url, person: "Ada");
        var grace = await EditorPage.OpenAsync(browser, url, person: "Grace");
        var problems = new List<string>();
        ada.Page.PageError += (_, problem) => problems.Add(problem);
        using var http = new HttpClient();
        var found = JsonDocument.Parse(await http.GetStringAsync(host.Url + "/editor/api/documents/Strange", TestContext.Current.CancellationToken));
        var id = found.RootElement.GetProperty("document").GetString();

        // A stranger who speaks the protocol and leaves out what a place has, or puts something else there.
        await grace.Page.EvaluateAsync(
            """
            (id) => new Promise((resolve) => {
              const socket = new WebSocket(location.origin.replace("http", "ws") + "/editor/api/sharedb");
              const places = [{ index: 0, length: 0, focused: true }, "x", 5, [], { index: -1, length: 1e9, focused: true, name: 7, by: {}, color: "red" }];
              socket.onopen = () => {
                socket.send(JSON.stringify({ a: "hs", id: null, protocol: 1, protocolMinor: 2 }));
                places.forEach((p, n) => socket.send(JSON.stringify(
                  { a: "p", ch: "editor." + id, id: "stranger" + n, p, pv: 1, c: "editor", d: id, v: 1, t: "http://sharejs.org/types/rich-text/v1" })));
                setTimeout(resolve, 500);
              };
            })
            """,
            id);
        await grace.WriteAsync("Still here.");
        await ada.ReadsAsync("Still here.");
        await ada.WriteAsync(" And here.");
        await grace.ReadsAsync("Still here. And here.");
        await Expect(ada.Page.Locator("#people li")).ToHaveCountAsync(2);
        Assert.Empty(problems);
    }
}
