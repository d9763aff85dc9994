using System.Diagnostics;
using System.Globalization;

namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>
/// Everything at once: daemon, keeper and workers are killed and stopped, the folder is full or cannot be written for seconds, commands come all the time, workers send
/// messages of every form and start applications. Afterwards everything is as it was asked for.
/// </summary>
public sealed class ChaosTests
{
    /// <summary>How many seconds it lasts; a longer run is asked for by STARLING_CHAOS, another one by STARLING_CHAOS_SEED.</summary>
    private static readonly int Seconds = int.Parse(Environment.GetEnvironmentVariable("STARLING_CHAOS") ?? "20", CultureInfo.InvariantCulture);

    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("STARLING_CHAOS_SEED") ?? "15", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Whatever_happens_each_place_has_its_process_and_each_process_its_place()
    {
        await using var home = new SupervisorHome();
        await using var disk = ChaosDisk.Mount(home);
        await home.DoAsync("start", ChaosApps.Write(home));
        var before = await ChaosCount.TakeAsync(home);
        await using var commands = new ChaosCommands(home, Seed);
        var random = new Random(Seed);
        var time = Stopwatch.StartNew();
        while (time.Elapsed < TimeSpan.FromSeconds(Seconds))
        {
            await StepAsync(home, disk, random);
            await Task.Delay(random.Next(100, 1200), CancellationToken.None);
        }

        await commands.StopAsync();
        await disk.FreeAsync();
        Assert.True(commands.Slow.IsEmpty, $"Commands took too long: {string.Join("; ", commands.Slow)}\n{home.Notes}\n{home.Log}");
        Assert.True(commands.Answered > Seconds / 4, $"Only {commands.Answered} commands were answered; others: {string.Join("; ", commands.Refusals.Distinct())}\n{home.Notes}\n{home.Log}");
        await ChaosCount.WaitUntilWholeAsync(home);
        var after = await ChaosCount.TakeAsync(home);
        Assert.True(after.Descriptors(before) is null, after.Descriptors(before));
    }

    private static async Task StepAsync(SupervisorHome home, ChaosDisk disk, Random random)
    {
        var (kind, time) = (random.Next(9), TimeSpan.FromMilliseconds(random.Next(500, 3000)));
        var ids = kind switch
        {
            0 or 4 => home.Processes("daemon"),
            1 or 5 => home.Processes("keeper"),
            2 or 3 or 6 => Pick(home.Processes(), random),
            _ => [],
        };
        home.Note($"{(kind < 4 ? "kill" : kind < 7 ? "pause" : kind == 7 ? "fill" : "refuse")} {string.Join(", ", ids.Select(id => $"{id} {SupervisorHome.CommandLine(id).Replace('\0', ' ')}"))}");
        switch (kind)
        {
            case < 4:
                Signal("KILL", ids);
                break;
            case < 7:
                await PauseAsync(ids, time);
                break;
            case 7:
                await disk.FillAsync(time);
                break;
            default:
                await disk.RefuseAsync(time);
                break;
        }
    }

    private static int[] Pick(int[] ids, Random random) => ids.Length == 0 ? [] : [ids[random.Next(ids.Length)]];

    private static async Task PauseAsync(int[] ids, TimeSpan time)
    {
        Signal("STOP", ids);
        await Task.Delay(time, CancellationToken.None);
        Signal("CONT", ids);
    }

    /// <summary>Sends a signal to processes, some of which may have ended.</summary>
    private static void Signal(string name, int[] ids)
    {
        foreach (var id in ids)
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + name, id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
            kill.WaitForExit();
        }
    }
}
