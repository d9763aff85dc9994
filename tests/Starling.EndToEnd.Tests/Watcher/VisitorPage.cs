using System.Globalization;
using Microsoft.Playwright;

namespace Starling.EndToEnd.Tests.Watcher;

/// <summary>A visitor whose mouse moves in circles until it is disposed.</summary>
internal sealed class VisitorPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _moving;

    private VisitorPage(IBrowserContext context, IPage page, double phase)
    {
        (_context, Page) = (context, page);
        _moving = MoveAsync(page, phase, _stop.Token);
    }

    public IPage Page { get; }

    public static async Task<VisitorPage> OpenAsync(IBrowser browser, string url, double phase)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 900, Height = 600 } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(url);
        await page.Locator("#status[data-state=connected]").WaitForAsync();
        return new VisitorPage(context, page, phase);
    }

    /// <summary>Id of the process that takes its moves.</summary>
    public async Task<int> ProcessAsync() => int.Parse((await Page.Locator("#process").InnerTextAsync()).Split(' ')[^1], CultureInfo.InvariantCulture);

    /// <summary>Waits until another process takes its moves.</summary>
    public Task WaitForOtherProcessAsync(int former) => Page.WaitForFunctionAsync(
        "former => document.querySelector('#status[data-state=connected]') && !document.getElementById('process').textContent.endsWith(' ' + former)", former);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _moving;
        await _context.CloseAsync();
        _stop.Dispose();
    }

    private static async Task MoveAsync(IPage page, double phase, CancellationToken stop)
    {
        for (var angle = phase; !stop.IsCancellationRequested; angle += 0.12)
        {
            var (x, y) = (450 + (300 * Math.Cos(angle)), 300 + (200 * Math.Sin((1.5 * angle) + phase)));
            await page.Mouse.MoveAsync((float)x, (float)y, new MouseMoveOptions { Steps = 3 });
        }
    }
}
