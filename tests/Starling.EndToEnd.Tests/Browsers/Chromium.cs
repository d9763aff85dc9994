using Microsoft.Playwright;

namespace Starling.EndToEnd.Tests.Browsers;

/// <summary>Debian's Chromium, driven by Playwright. Tests that need it skip where it is not installed.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;

    public IBrowser? Browser { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (FindExecutable() is not { } path)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();

        // As long as actions wait: a loaded machine is no reason to fail.
        Assertions.SetDefaultExpectTimeout(30_000);
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    /// <summary>The browser; skips the test that asks when there is none.</summary>
    public IBrowser Require()
    {
        Assert.SkipWhen(Browser is null, "Chromium is not installed; install the package 'chromium'.");
        return Browser!;
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.CloseAsync();
        }

        _playwright?.Dispose();
    }

    private static string? FindExecutable() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser") })
        .FirstOrDefault(File.Exists);
}
