using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Spawning;

/// <summary>By posix_spawn, with signals and users.</summary>
public sealed class ProcessRunTests() : ProcessRunSuite(isManaged: false)
{
    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("KILL", 9)]
    [InlineData("SEGV", 11)]
    public async Task The_signal_that_ended_it_is_reported(string name, int number)
    {
        var result = await ProcessRun.ToEndAsync(Shell.Script($"kill -{name} $$"), cancellationToken: Cancelled);
        Assert.Equal(new ExitStatus(null, number), result.Status);
        Assert.Equal("SIG" + name, result.Status.ToString());
    }

    [Fact]
    public async Task A_time_out_ends_the_program_by_its_signal()
    {
        var result = await ProcessRun.ToEndAsync(
            Shell.Script("trap 'echo bye; exit 4' TERM; while :; do sleep 0.05; done"), new RunOptions { Timeout = TimeSpan.FromMilliseconds(500) }, Cancelled);
        Assert.True(result.HasTimedOut);
        Assert.Equal(("bye\n", 4), (result.OutputText, result.Status.Code));
    }

    [Fact]
    public async Task Root_may_run_a_program_as_somebody_else()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Needs root.");
        var result = await ProcessRun.ToEndAsync(Shell.Script("id -un; id -gn") with { User = "nobody" }, cancellationToken: Cancelled);
        Assert.Equal("nobody\nnogroup\n", result.OutputText);
    }
}
