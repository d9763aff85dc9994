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
        Assert.True(commands.Slow.IsEmpty, $"Commands took too long: {string.Join("; ", commands.Slow)}\n{home.Log}");
        Assert.True(commands.Answered > Seconds / 4, $"Only {commands.Answered} commands were answered; others: {string.Join("; ", commands.Refusals.Distinct())}\n{home.Log}");
        await ChaosCount.WaitUntilWholeAsync(home);
        var after = await ChaosCount.TakeAsync(home);
        Assert.True(after.Descriptors(before) is null, after.Descriptors(before));
    }

    private static async Task StepAsync(SupervisorHome home, ChaosDisk disk, Random random)
    {
        switch (random.Next(9))
        {
            case 0:
                Kill(home.Processes("daemon"));
                break;
            case 1:
                Kill(home.Processes("keeper"));
                break;
            case 2 or 3:
                Kill(Pick(home.Processes(), random));
                break;
            case 4:
                await PauseAsync(home.Processes("daemon"), random);
                break;
            case 5:
                await PauseAsync(home.Processes("keeper"), random);
                break;
            case 6:
                await PauseAsync(Pick(home.Processes(), random), random);
                break;
            case 7:
                await disk.FillAsync(TimeSpan.FromMilliseconds(random.Next(500, 3000)));
                break;
            default:
                await disk.RefuseAsync(TimeSpan.FromMilliseconds(random.Next(500, 3000)));
                break;
        }
    }

    private static int[] Pick(int[] ids, Random random) => ids.Length == 0 ? [] : [ids[random.Next(ids.Length)]];

    private static void Kill(int[] ids) => Signal("KILL", ids);

    private static async Task PauseAsync(int[] ids, Random random)
    {
        Signal("STOP", ids);
        await Task.Delay(random.Next(200, 3000), CancellationToken.None);
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
