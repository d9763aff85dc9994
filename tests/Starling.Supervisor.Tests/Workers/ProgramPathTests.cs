using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Tests.Workers;

/// <summary>Programs are those that the person who starts an application finds in PATH.</summary>
public sealed class ProgramPathTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_interpreter_is_found_in_the_path_of_the_starter_and_stays_the_same_after_save_and_resurrect()
    {
        var interpreter = _folder.Program("bin/starters-own", "#!/bin/sh\nexec /bin/sh \"$@\"\n");
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("app", "exec sleep 600") with { Interpreter = "starters-own" };
        var started = await test.Supervisor.StartAsync([Record(app, _folder.Combine("bin") + ":/usr/bin:/bin")], Cancelled);
        Assert.Equal(WorkerStatus.Online, started.Single().Status);
        Assert.Equal(interpreter, await InterpreterAsync(test));
        await test.Supervisor.SaveAsync(Cancelled);
        await test.Supervisor.DeleteAsync("all", Cancelled);
        Assert.Equal(WorkerStatus.Online, (await test.Supervisor.ResurrectAsync(Cancelled)).Single().Status);
        Assert.Equal(interpreter, await InterpreterAsync(test));
    }

    [Fact]
    public async Task An_interpreter_that_the_starter_does_not_have_is_refused()
    {
        await using var test = await TestSupervisor.StartAsync();
        var app = test.Script("app", "exec sleep 600") with { Interpreter = "sh" };
        var error = await Assert.ThrowsAsync<SupervisorException>(() => test.Supervisor.StartAsync([Record(app, _folder.Path)], Cancelled));
        Assert.Contains("\"sh\" cannot be run: it is not in PATH", error.Message, StringComparison.Ordinal);
        Assert.Empty(await test.Supervisor.ListAsync(Cancelled));
    }

    [Fact]
    public async Task A_configuration_from_a_program_gets_the_interpreter_of_its_script()
    {
        await using var test = await TestSupervisor.StartAsync();
        var script = Path.Combine(test.Folder, "app.sh");
        await File.WriteAllTextAsync(script, "exec sleep 600", Cancelled);
        var started = await test.StartAsync(new AppConfig { Name = "app", Script = script, Cwd = test.Folder });
        Assert.Equal(WorkerStatus.Online, started.Single().Status);
        Assert.EndsWith("/bash", await InterpreterAsync(test), StringComparison.Ordinal);
        var program = await test.StartAsync(new AppConfig { Name = "program", Script = "sleep", Args = ["600"], Cwd = test.Folder });
        Assert.Equal(WorkerStatus.Online, program.Single().Status);
        var config = (await test.Supervisor.DescribeAsync("program", Cancelled)).Single().Config;
        Assert.Null(config.Interpreter);
        Assert.True(Path.IsPathRooted(config.Script), config.Script);
    }

    private static WorkerGroupRecord Record(AppConfig app, string path) => new(app, new Dictionary<string, string> { ["PATH"] = path }, null);

    private static async Task<string?> InterpreterAsync(TestSupervisor test) => (await test.Supervisor.DescribeAsync("app", Cancelled)).Single().Config.Interpreter;
}
