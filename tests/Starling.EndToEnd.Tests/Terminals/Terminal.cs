using System.Diagnostics;
using Starling.EndToEnd.Tests.Hosts;

namespace Starling.EndToEnd.Tests.Terminals;

/// <summary>A program in a real terminal (tmux): what is typed goes to it, what it draws is read back as a screen. The terminal ends with the test.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("starling-tmux-").FullName;

    private string Socket => Path.Combine(_folder, "tmux");

    /// <summary>Runs <c>starling</c> with the arguments. Skips the test where there is no tmux.</summary>
    public static Task<Terminal> StarlingAsync(string[] arguments, IReadOnlyDictionary<string, string>? environment = null, int width = 120, int height = 40) =>
        StartAsync(["dotnet", Repository.Host, .. arguments], environment, width, height);

    /// <summary>Runs a program. Skips the test where there is no tmux.</summary>
    public static async Task<Terminal> StartAsync(
        string[] command, IReadOnlyDictionary<string, string>? environment = null, int width = 120, int height = 40)
    {
        Assert.SkipUnless(IsPresent(), "Needs a terminal: the Debian package tmux.");
        var terminal = new Terminal();
        string[] variables = [.. (environment ?? new Dictionary<string, string>()).SelectMany(pair => new[] { "-e", $"{pair.Key}={pair.Value}" })];
        await terminal.TmuxAsync(
            ["-f", "/dev/null", "new-session", "-d", "-x", $"{width}", "-y", $"{height}", .. variables, string.Join(' ', command.Select(Quote)) + "; echo \"[ended $?]\"; exec sleep 600"]);
        return terminal;
    }

    /// <summary>Types a line and presses Enter.</summary>
    public async Task TypeLineAsync(string line)
    {
        await TypeAsync(line);
        await PressAsync("Enter");
    }

    /// <summary>Types text.</summary>
    public Task TypeAsync(string text) => TmuxAsync(["send-keys", "-l", "--", text]);

    /// <summary>Presses a key, as tmux names them: <c>Enter</c>, <c>C-c</c>, <c>Up</c>, <c>q</c>.</summary>
    public Task PressAsync(string key) => TmuxAsync(["send-keys", key]);

    /// <summary>Gives the terminal another size, as one who pulls at a window does.</summary>
    public Task ResizeAsync(int width, int height) => TmuxAsync(["resize-window", "-x", $"{width}", "-y", $"{height}"]);

    /// <summary>What the terminal shows now, history included.</summary>
    public Task<string> ScreenAsync() => TmuxAsync(["capture-pane", "-p", "-J", "-S", "-2000"]);

    /// <summary>Waits until the screen shows the text and returns the screen.</summary>
    public Task<string> WaitForAsync(string text, TimeSpan? limit = null) =>
        WaitForAsync(screen => screen.Contains(text, StringComparison.Ordinal), $"'{text}'", limit);

    /// <summary>Waits until the screen is as wanted and returns it.</summary>
    public async Task<string> WaitForAsync(Func<string, bool> isWanted, string wanted, TimeSpan? limit = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var screen = await ScreenAsync();
            if (isWanted(screen))
            {
                return screen;
            }

            if (Stopwatch.GetElapsedTime(start) > (limit ?? TimeSpan.FromSeconds(30)))
            {
                Assert.Fail($"The terminal does not show {wanted}:\n{screen}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Waits until the program has ended and returns its exit code.</summary>
    public async Task<int> WaitForEndAsync(TimeSpan? limit = null)
    {
        var screen = await WaitForAsync("[ended ", limit);
        var start = screen.LastIndexOf("[ended ", StringComparison.Ordinal) + "[ended ".Length;
        return int.Parse(screen[start..screen.IndexOf(']', start)], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await TmuxAsync(["kill-server"]);
        Directory.Delete(_folder, recursive: true);
    }

    private static string Quote(string argument) => "'" + argument.Replace("'", @"'\''", StringComparison.Ordinal) + "'";

    private static bool IsPresent() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "tmux")));

    private async Task<string> TmuxAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("tmux", ["-S", Socket, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"tmux {string.Join(' ', arguments)}: {await error}");
        return await output;
    }
}
