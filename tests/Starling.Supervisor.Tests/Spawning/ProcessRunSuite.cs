using System.Diagnostics;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Spawning;

/// <summary>What holds whichever way programs are started.</summary>
public abstract class ProcessRunSuite
{
    private readonly bool _isManaged;

    private protected ProcessRunSuite(bool isManaged) => _isManaged = isManaged;

    private protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_error_and_exit_code_are_what_the_program_gave()
    {
        var result = await ProcessRun.ToEndAsync(Script("echo out; echo err >&2; exit 7"), cancellationToken: Cancelled);
        Assert.Equal(("out\n", "err\n", 7), (result.OutputText, result.ErrorText, result.Status.Code));
        Assert.Null(result.Status.Signal);
    }

    [Fact]
    public async Task Arguments_are_not_looked_at_by_a_shell()
    {
        string[] arguments = ["a b", "$HOME", "'\"`", "", "ö\n*"];
        var result = await ProcessRun.ToEndAsync(new SpawnOptions { IsManaged = _isManaged, FileName = "printf", Arguments = ["%s|", .. arguments] }, cancellationToken: Cancelled);
        Assert.Equal(string.Concat(arguments.Select(argument => argument + "|")), result.OutputText);
    }

    [Fact]
    public async Task Folder_and_environment_are_those_that_were_asked_for()
    {
        var options = Script("pwd; env") with
        {
            WorkingDirectory = "/usr",
            Environment = new Dictionary<string, string> { ["ONLY"] = "this" },
        };
        var result = await ProcessRun.ToEndAsync(options, cancellationToken: Cancelled);
        Assert.StartsWith("/usr\n", result.OutputText, StringComparison.Ordinal);
        Assert.Contains("ONLY=this\n", result.OutputText, StringComparison.Ordinal);
        Assert.DoesNotContain("HOME=", result.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_goes_to_the_program()
    {
        var input = new byte[300_000];
        Random.Shared.NextBytes(input);
        var result = await ProcessRun.ToEndAsync(new SpawnOptions { IsManaged = _isManaged, FileName = "cat" }, new RunOptions { Input = input }, Cancelled);
        Assert.Equal(input, result.Output.ToArray());
    }

    [Fact]
    public async Task A_program_that_does_not_read_its_input_does_not_hold_the_run()
    {
        var result = await ProcessRun.ToEndAsync(Script("exit 3"), new RunOptions { Input = new byte[1 << 20] }, Cancelled);
        Assert.Equal(3, result.Status.Code);
    }

    [Fact]
    public async Task Output_beyond_the_limit_ends_the_program()
    {
        var result = await ProcessRun.ToEndAsync(Script("yes"), new RunOptions { MaxOutputBytes = 1000 }, Cancelled);
        Assert.True(result.IsTruncated);
        Assert.Equal(1000, result.Output.Length);
        AssertIsKilled(result.Status);
    }

    [Fact]
    public async Task A_program_that_ignores_the_signal_is_ended_with_all_that_it_started()
    {
        var marker = "STARLING_TEST=" + Guid.NewGuid();
        var options = Script("trap '' TERM; sleep 600 & sleep 600 & wait") with { Environment = Marked(marker) };
        var result = await ProcessRun.ToEndAsync(
            options, new RunOptions { Timeout = TimeSpan.FromMilliseconds(300), KillTimeout = TimeSpan.FromMilliseconds(300) }, Cancelled);
        AssertIsKilled(result.Status);
        await Shell.WaitUntilAsync(() => Shell.Marked(marker).Length == 0, "the end of its children");
    }

    [Fact]
    public async Task A_descendant_that_holds_the_output_does_not_hold_the_run()
    {
        var marker = "STARLING_TEST=" + Guid.NewGuid();
        var time = Stopwatch.StartNew();
        var result = await ProcessRun.ToEndAsync(Script("sleep 30 & echo done") with { Environment = Marked(marker) }, cancellationToken: Cancelled);
        Assert.Equal("done\n", result.OutputText);
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(20), $"It took {time.Elapsed}.");
        foreach (var id in Shell.Marked(marker))
        {
            using var left = Process.GetProcessById(id);
            left.Kill();
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_program()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var marker = "STARLING_TEST=" + Guid.NewGuid();
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            ProcessRun.ToEndAsync(new SpawnOptions { IsManaged = _isManaged, FileName = "sleep", Arguments = ["600"], Environment = Marked(marker) }, cancellationToken: cancel.Token));
        Assert.Empty(Shell.Marked(marker));
    }

    [Fact]
    public async Task Lines_come_one_by_one_and_then_the_exit_status()
    {
        ExitStatus? status = null;
        var lines = new List<OutputLine>();
        await foreach (var line in ProcessRun.LinesAsync(Script("for i in 1 2 3; do echo $i; done; echo e >&2; exec 1>&- 2>&-; sleep 0.3; exit 5"), onExited: s => status = s, cancellationToken: Cancelled))
        {
            lines.Add(line);
        }

        Assert.Equal(["1", "2", "3"], lines.Where(line => !line.IsError).Select(line => line.Text));
        Assert.Equal(["e"], lines.Where(line => line.IsError).Select(line => line.Text));
        Assert.Equal(5, status!.Value.Code);
    }

    [Fact]
    public async Task Leaving_the_lines_ends_the_program()
    {
        ExitStatus? status = null;
        await foreach (var line in ProcessRun.LinesAsync(Script("yes"), onExited: s => status = s, cancellationToken: Cancelled))
        {
            Assert.Equal("y", line.Text);
            break;
        }

        AssertIsKilled(status!.Value);
    }

    [Theory]
    [InlineData("/no/such/program", "there is no such file")]
    [InlineData("no-such-program-anywhere", "no such program in PATH")]
    [InlineData("/etc/passwd", "no permission to execute it")]
    [InlineData("cat\0", "it contains a zero character")]
    [InlineData("", "its name is empty")]
    public async Task What_cannot_be_started_is_refused_with_the_reason(string program, string reason)
    {
        var exception = await Assert.ThrowsAsync<SpawnException>(() => ProcessRun.ToEndAsync(new SpawnOptions { IsManaged = _isManaged, FileName = program }, cancellationToken: Cancelled));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_program_is_refused()
    {
        using var folder = new ScratchFolder();
        var path = folder.Program("picture", "\u0001\0\u0002");
        var exception = await Assert.ThrowsAsync<SpawnException>(() => ProcessRun.ToEndAsync(new SpawnOptions { IsManaged = _isManaged, FileName = path }, cancellationToken: Cancelled));
        Assert.Equal($"{path} cannot be started: it is neither a program for this machine nor a script with '#!' in its first line.", exception.Message);
    }

    [Fact]
    public async Task A_program_is_found_from_the_folder_that_it_starts_in()
    {
        using var folder = new ScratchFolder();
        folder.Program("bin/tool", "#!/bin/sh\necho tool\n");
        var result = await ProcessRun.ToEndAsync(new SpawnOptions { IsManaged = _isManaged, FileName = "bin/tool", WorkingDirectory = folder.Path }, cancellationToken: Cancelled);
        Assert.Equal("tool\n", result.OutputText);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        var exception = await Assert.ThrowsAsync<SpawnException>(() =>
            ProcessRun.ToEndAsync(new SpawnOptions { IsManaged = _isManaged, FileName = "true", WorkingDirectory = "/no/such/folder" }, cancellationToken: Cancelled));
        Assert.Contains("'/no/such/folder': there is no such folder", exception.Message, StringComparison.Ordinal);
    }

    /// <summary><see cref="Process"/> tells of a signal, where there are signals, as a shell does.</summary>
    private void AssertIsKilled(ExitStatus status) => Assert.True(_isManaged ? status.Code == 128 + 9 : status.Signal is 9 or 15, $"It ended by {status}.");

    private protected SpawnOptions Script(string script) => Shell.Script(script) with { IsManaged = _isManaged };

    private protected static Dictionary<string, string> Marked(string marker) =>
        new() { [marker.Split('=')[0]] = marker.Split('=')[1], ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
}
