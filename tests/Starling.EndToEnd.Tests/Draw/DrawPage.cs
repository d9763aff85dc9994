using Microsoft.Playwright;

namespace Starling.EndToEnd.Tests.Draw;

/// <summary>One person at a drawing board; somebody with a viewport of their own has a touch screen.</summary>
internal sealed class DrawPage(IBrowserContext context, IPage page)
{
    public IPage Page => page;

    public IBrowserContext Context => context;

    public static async Task<DrawPage> OpenAsync(IBrowser browser, string url, string name, ViewportSize? viewport = null)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = viewport ?? new ViewportSize { Width = 1280, Height = 800 },
            HasTouch = viewport is not null,
        });
        await context.AddInitScriptAsync($"localStorage.getItem('draw.name') || localStorage.setItem('draw.name', {System.Text.Json.JsonSerializer.Serialize(name)})");
        var page = await context.NewPageAsync();
        await page.GotoAsync(url);
        var opened = new DrawPage(context, page);
        await opened.WaitForStateAsync("online");
        return opened;
    }

    public Task WaitForStateAsync(string state) => page.WaitForSelectorAsync($"#status[data-state={state}]");

    /// <summary>Draws a line with the mouse; positions are fractions of the board.</summary>
    public async Task DrawAsync(float fromX, float fromY, float toX, float toY)
    {
        var box = (await page.Locator("#picture").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (fromX * box.Width), box.Y + (fromY * box.Height));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (toX * box.Width), box.Y + (toY * box.Height), new MouseMoveOptions { Steps = 20 });
        await page.Mouse.UpAsync();
    }

    /// <summary>Touches the board once; leaves a dot.</summary>
    public async Task TouchAsync(float x, float y)
    {
        var box = (await page.Locator("#picture").BoundingBoxAsync())!;
        await page.Touchscreen.TapAsync(box.X + (x * box.Width), box.Y + (y * box.Height));
    }

    public Task MoveAsync(float x, float y) => page.Locator("#picture").HoverAsync(new LocatorHoverOptions
    {
        Position = new Position { X = x * 400, Y = y * 400 },
    });

    /// <summary>Waits until there is, or is not, ink at a place of the picture.</summary>
    public Task WaitForInkAsync(float x, float y, bool ink = true) => page.WaitForFunctionAsync(
        """
        ([x, y, ink]) => {
          const canvas = document.getElementById("picture");
          const size = 7;
          const data = canvas.getContext("2d").getImageData(x * canvas.width - size / 2, y * canvas.height - size / 2, size, size).data;
          return data.some((value, i) => i % 4 === 3 && value > 0) === ink;
        }
        """,
        new object[] { (double)x, (double)y, ink });
}
