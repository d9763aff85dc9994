using Microsoft.Playwright;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Watcher;

/// <summary>The admin at the board.</summary>
internal sealed class AdminPage(IPage page)
{
    public IPage Page => page;

    public ILocator Visitors => page.Locator("#visitors li[data-here=true]");

    public ILocator Events => page.Locator("#events li");

    public static async Task<AdminPage> OpenAsync(IBrowser browser, string url, ViewportSize? size = null, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = size ?? new ViewportSize { Width = 1280, Height = 900 },
            ColorScheme = scheme,
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(url);
        return new AdminPage(page);
    }

    public async Task SignInAsync(string password)
    {
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    public Task WaitUntilLiveAsync() => page.Locator("#status[data-state=connected]").WaitForAsync();

    /// <summary>Notes every state of the connection from now on: a short one would be missed by who looks now and then.</summary>
    public Task RecordStatesAsync() => page.EvaluateAsync(
        """
        () => {
          const status = document.getElementById("status");
          window.states = [];
          new MutationObserver(() => window.states.push(status.dataset.state)).observe(status, { attributeFilter: ["data-state"] });
        }
        """);

    /// <summary>Waits until the connection was lost, after <see cref="RecordStatesAsync"/>, and is there again.</summary>
    public Task WaitUntilBackAsync() => page.WaitForFunctionAsync("() => window.states.includes('connecting') && window.states.at(-1) === 'connected'");

    public Task WaitForMovesAsync() => page.WaitForFunctionAsync("() => Number(document.getElementById('rate').textContent) > 0");

    /// <summary>Waits until the paths have ink of more than one colour.</summary>
    public Task WaitForPathsAsync() => page.WaitForFunctionAsync(
        """
        () => {
          const canvas = document.getElementById("paths");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let inked = 0;
          for (let i = 3; i < data.length; i += 4) inked += data[i] > 100 ? 1 : 0;
          return inked > 500;
        }
        """);

    /// <summary>The activity as the server has it: seconds and their moves.</summary>
    public async Task<(long Second, int Total)[]> ActivityAsync()
    {
        var response = await page.APIRequest.GetAsync(new Uri(new Uri(page.Url), "/watcher/api/state").ToString());
        return
        [
            .. (await response.JsonAsync())!.Value.GetProperty("activity").EnumerateArray()
                .Select(activity => (activity.GetProperty("second").GetInt64(), activity.GetProperty("total").GetInt32())),
        ];
    }

    public Task WaitForEventAsync(string kind, string text) =>
        page.Locator($"#events li[data-kind={kind}]", new PageLocatorOptions { HasText = text }).First.WaitForAsync();

    public Task ScreenshotAsync(string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Repository.Screenshots, name + ".png"), FullPage = true });
}
