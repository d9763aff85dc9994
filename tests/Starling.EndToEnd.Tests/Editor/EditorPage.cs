using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Starling.EndToEnd.Tests.Editor;

/// <summary>A browser of one person, on a document.</summary>
internal sealed class EditorPage
{
    private EditorPage(IPage page)
    {
        Page = page;
    }

    public IPage Page { get; }

    public ILocator Text => Page.Locator("#editor .ql-editor");

    public static async Task<EditorPage> OpenAsync(IBrowser browser, string url, string? person = null, bool isDarkPhone = false)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = isDarkPhone ? new ViewportSize { Width = 360, Height = 740 } : new ViewportSize { Width = 1200, Height = 800 },
            ColorScheme = isDarkPhone ? ColorScheme.Dark : ColorScheme.Light,
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(url);
        var result = new EditorPage(page);
        if (person is not null)
        {
            await result.IsSavedAsync();
            await page.FillAsync("#me", person);
            await page.Locator("#me").PressAsync("Enter");
            await page.Locator($"#people li[aria-label='{person}']").WaitForAsync();
        }

        return result;
    }

    /// <summary>Creates a document as a visitor does and returns its address.</summary>
    public static async Task<string> CreateAsync(IBrowser browser, string host, string name)
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(host + "/editor/");
        await page.Locator("#status[data-state=connected]").WaitForAsync();
        await page.FillAsync("#name", name);
        await page.ClickAsync("#create button");
        await page.WaitForURLAsync(new Regex("/editor/.+"));
        await Expect(page.Locator("#title")).ToHaveTextAsync(name);
        var url = page.Url;
        await page.CloseAsync();
        return url;
    }

    /// <summary>Moves the caret.</summary>
    public async Task PlaceAsync(string key)
    {
        await Text.ClickAsync();
        await Page.Keyboard.PressAsync(key);
    }

    /// <summary>Waits until everything that was written here is acknowledged.</summary>
    public Task IsSavedAsync() => Page.Locator("#status[data-state=connected]").GetByText("Saved").WaitForAsync();

    /// <summary>Writes at the end of the text.</summary>
    public async Task WriteAsync(string text)
    {
        await Text.ClickAsync();
        await Page.Keyboard.PressAsync("Control+End");
        await Page.Keyboard.TypeAsync(text);
    }

    /// <summary>Waits until the text is this, by lines.</summary>
    public Task ReadsAsync(params string[] lines) => Page.WaitForFunctionAsync(
        "lines => JSON.stringify([...document.querySelectorAll('#editor .ql-editor > *, #editor .ql-editor li')].filter(e => !e.querySelector('li')).map(e => e.textContent)) === JSON.stringify(lines)",
        lines);
}
