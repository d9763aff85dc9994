using System.Diagnostics;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>The file system of a supervisor's folder, which is small, and full or refused for a while when the test wants it.</summary>
internal sealed class ChaosDisk : IAsyncDisposable
{
    private readonly string _folder;

    private readonly SupervisorHome _home;

    private ChaosDisk(SupervisorHome home) => (_home, _folder) = (home, home.Environment["STARLING_HOME"]);

    private string Ballast => Path.Combine(_folder, "ballast");

    private string Run => Path.Combine(_folder, "run");

    private string NextState => Path.Combine(_folder, "state.json.new");

    /// <summary>Makes the folder a file system of its own; skips the test where that is not allowed.</summary>
    public static ChaosDisk Mount(SupervisorHome home)
    {
        var folder = home.Environment["STARLING_HOME"];
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Do("mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", folder), "Needs the right to mount a tmpfs.");
        return new ChaosDisk(home);
    }

    /// <summary>Has the disk full for a while.</summary>
    public async Task FillAsync(TimeSpan time)
    {
        Do("sh", "-c", $"cat /dev/zero > '{Ballast}' 2> /dev/null");
        await Task.Delay(time, CancellationToken.None);
        File.Delete(Ballast);
    }

    /// <summary>Has sockets and state refused for a while, to root as well: other things stand in their places.</summary>
    public async Task RefuseAsync(TimeSpan time)
    {
        try
        {
            Directory.CreateDirectory(NextState);
            if (Directory.Exists(Run))
            {
                Directory.Move(Run, Run + ".aside");
                await File.WriteAllTextAsync(Run, "", CancellationToken.None);
            }

            await Task.Delay(time, CancellationToken.None);
        }
        catch (IOException)
        {
            // The supervisor was faster.
        }

        await FreeAsync();
    }

    /// <summary>Puts everything back in its place.</summary>
    public Task FreeAsync()
    {
        File.Delete(Ballast);
        if (Directory.Exists(Run + ".aside"))
        {
            if (File.Exists(Run))
            {
                File.Delete(Run);
            }

            if (Directory.Exists(Run))
            {
                Directory.Delete(Run, recursive: true);
            }

            Directory.Move(Run + ".aside", Run);
        }

        if (Directory.Exists(NextState))
        {
            Directory.Delete(NextState);
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await FreeAsync();
        await _home.RunAsync("kill");
        for (var start = Stopwatch.GetTimestamp(); _home.Processes().Length > 0 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20);)
        {
            await Task.Delay(50, CancellationToken.None);
        }

        // What still uses it holds it until it ends.
        Do("umount", "-l", _folder);
    }

    private static bool Do(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
