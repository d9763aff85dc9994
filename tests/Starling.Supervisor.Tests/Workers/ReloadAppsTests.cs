using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>Applications that get another configuration, environment or count of restarts.</summary>
public sealed class ReloadAppsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Applications_are_reloaded_with_their_new_configuration_or_started()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("app", "echo $COLOUR; exec sleep 600");
        var before = (await test.StartAsync(app)).Single();
        var changed = app with { Instances = 2, Env = new Dictionary<string, string> { ["COLOUR"] = "blue" } };
        var other = test.Script("other", "exec sleep 600");
        var reports = await test.Supervisor.ReloadAppsAsync([Record(changed, null), Record(other, null)], Cancelled);
        Assert.Equal(["app", "other"], reports.Select(report => report.App));
        Assert.All(reports, report => Assert.Null(report.Failure));
        var replaced = Assert.Single(reports[0].Workers);
        Assert.Equal((before.Id, before.Pid, true), (replaced.Id, replaced.OldPid, replaced.WasRestarted));
        Assert.Equal(((int?)null, false), (reports[1].Workers.Single().OldPid, reports[1].Workers.Single().WasRestarted));
        var workers = await test.Supervisor.ListAsync(Cancelled);
        Assert.Equal(["app", "app", "other"], workers.Select(worker => worker.Name).Order());
        Assert.All(workers, worker => Assert.Equal(WorkerStatus.Online, worker.Status));
        Assert.All(await test.Supervisor.DescribeAsync("app", Cancelled), details => Assert.Equal("blue", details.Environment["COLOUR"]));
    }

    [Fact]
    public async Task Another_environment_of_the_shell_keeps_the_chosen_one()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("app", "exec sleep 600") with
        {
            EnvironmentEnv = new Dictionary<string, IReadOnlyDictionary<string, string>>
            {
                ["production"] = new Dictionary<string, string> { ["STAGE"] = "production" },
                ["test"] = new Dictionary<string, string> { ["STAGE"] = "test" },
            },
        };
        await test.Supervisor.StartAsync([Record(app, "production")], Cancelled);
        var shell = new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")!, ["COLOUR"] = "blue" };
        await test.Supervisor.RestartAsync("app", new EnvironmentUpdate(shell, null), Cancelled);
        Assert.Equal(("production", "blue"), await VariablesAsync(test));
        await test.Supervisor.ReloadAsync("app", new EnvironmentUpdate(shell, "test"), Cancelled);
        Assert.Equal(("test", "blue"), await VariablesAsync(test));
    }

    [Fact]
    public async Task Restarts_are_counted_from_zero_again()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("app", "exec sleep 600"));
        Assert.Equal(1, (await test.Supervisor.RestartAsync("app", null, Cancelled)).Single().Restarts);
        var reset = (await test.Supervisor.ResetAsync("app", Cancelled)).Single();
        Assert.Equal((0, WorkerStatus.Online), (reset.Restarts, reset.Status));
    }

    [Fact]
    public async Task Lines_of_files_have_no_process_and_no_time_and_live_ones_have_both()
    {
        await using var test = await TestSupervisor.StartAsync();
        await test.StartAsync(test.Script("first", "exec sleep 600"));
        await using var lines = test.Supervisor.FollowAsync("all", Cancelled).GetAsyncEnumerator(Cancelled);
        var next = lines.MoveNextAsync();
        var worker = (await test.StartAsync(test.Script("second", "echo hello; exec sleep 600"))).Single();
        Assert.True(await next);
        Assert.Equal((worker.Id, 0, worker.Pid, "hello"), (lines.Current.Id, lines.Current.Instance, lines.Current.Pid, lines.Current.Text));
        Assert.NotNull(lines.Current.Time);
        var line = Assert.Single(await test.Supervisor.TailAsync("second", 10, Cancelled));
        Assert.Equal((worker.Id, (int?)null, (DateTimeOffset?)null, "hello"), (line.Id, line.Pid, line.Time, line.Text));
    }

    private static async Task<(string, string)> VariablesAsync(TestSupervisor test)
    {
        var variables = (await test.Supervisor.DescribeAsync("app", Cancelled)).Single().Environment;
        return (variables["STAGE"], variables["COLOUR"]);
    }

    private static WorkerGroupRecord Record(AppConfig app, string? environment) =>
        new(app, new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! }, environment);
}
