using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Spawning;

/// <summary>The way of Windows, run here; <see cref="System.Diagnostics.Process"/> is on every system.</summary>
public sealed class ManagedProcessRunTests() : ProcessRunSuite(isManaged: true)
{
    [Fact]
    public async Task A_time_out_ends_by_force_at_once_what_takes_no_signals()
    {
        var marker = "STARLING_TEST=" + Guid.NewGuid();
        var limits = new RunOptions { Timeout = TimeSpan.FromMilliseconds(500), KillTimeout = TimeSpan.FromHours(1) };
        var result = await ProcessRun.ToEndAsync(Script("trap 'echo bye' TERM; echo started; sleep 600 & sleep 600") with { Environment = Marked(marker) }, limits, Cancelled);
        Assert.True(result.HasTimedOut);
        Assert.Equal(("started\n", 128 + 9), (result.OutputText, result.Status.Code));
        await Shell.WaitUntilAsync(() => Shell.Marked(marker).Length == 0, "the end of its children");
    }
}
