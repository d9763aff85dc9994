using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Spawning;

/// <summary>Either way of starting connects the standard streams, and tells of the end, in the same way.</summary>
public sealed class StandardStreamTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<bool> Ways => [false, true];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Output_goes_to_a_file_at_its_end(bool isManaged)
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "log");
        await File.WriteAllTextAsync(path, "before\n", Cancelled);
        using var child = ProcessSpawner.Spawn(Shell.Script("echo out; sleep 0.2; echo err >&2") with
        {
            IsManaged = isManaged,
            WorkingDirectory = folder.Path,
            Output = StandardStream.File("log"),
            Error = StandardStream.File("log"),
        });
        await child.Exited;
        Assert.Equal("before\nout\nerr\n", await File.ReadAllTextAsync(path, Cancelled));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_is_emptied_before_it_is_written_where_that_is_asked_for(bool isManaged)
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "log");
        await File.WriteAllTextAsync(path, "before, and longer\n", Cancelled);
        using var child = ProcessSpawner.Spawn(Shell.Script("echo out") with { IsManaged = isManaged, Output = StandardStream.File(path, truncate: true) });
        await child.Exited;
        Assert.Equal("out\n", await File.ReadAllTextAsync(path, Cancelled));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Input_comes_from_a_file(bool isManaged)
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "input");
        await File.WriteAllTextAsync(path, new string('x', 300_000), Cancelled);
        var result = await ProcessRun.ToEndAsync(Shell.Script("wc -c") with { IsManaged = isManaged, Input = StandardStream.File(path) }, cancellationToken: Cancelled);
        Assert.Equal("300000", result.OutputText.Trim());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Streams_that_are_ignored_end_at_once_and_take_everything(bool isManaged)
    {
        using var child = ProcessSpawner.Spawn(Shell.Script("cat && head -c 1000000 /dev/zero && head -c 1000000 /dev/zero >&2 && exit 6") with
        {
            IsManaged = isManaged,
            Output = StandardStream.Ignore,
            Error = StandardStream.Ignore,
        });
        Assert.Equal(6, (await child.Exited.WaitAsync(TimeSpan.FromSeconds(60), Cancelled)).Code);
        Assert.Null(child.StandardInput ?? child.StandardOutput ?? child.StandardError);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Input_and_output_go_back_and_forth_through_pipes(bool isManaged)
    {
        using var child = ProcessSpawner.Spawn(new SpawnOptions { FileName = "cat", IsManaged = isManaged, Input = StandardStream.Pipe, Output = StandardStream.Pipe });
        using var reader = new StreamReader(child.StandardOutput!);
        for (var i = 0; i < 10; i++)
        {
            await child.StandardInput!.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"line {i}\n"), Cancelled);
            Assert.Equal($"line {i}", await reader.ReadLineAsync(Cancelled));
        }

        await child.StandardInput!.DisposeAsync();
        Assert.Null(await reader.ReadLineAsync(Cancelled));
        Assert.Equal(0, (await child.Exited).Code);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Writing_to_a_process_that_has_ended_says_so(bool isManaged)
    {
        using var child = ProcessSpawner.Spawn(new SpawnOptions { FileName = "true", IsManaged = isManaged, Input = StandardStream.Pipe });
        await child.Exited;
        var exception = await Assert.ThrowsAsync<IOException>(async () => await child.StandardInput!.WriteAsync(new byte[10], Cancelled));
        Assert.StartsWith("The process does not read its input any more: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_read_is_cancelled_while_the_process_is_silent(bool isManaged)
    {
        using var child = ProcessSpawner.Spawn(new SpawnOptions { FileName = "cat", IsManaged = isManaged, Input = StandardStream.Pipe, Output = StandardStream.Pipe });
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await child.StandardOutput!.ReadAsync(new byte[10], cancel.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancelled));
        await child.StandardInput!.DisposeAsync();
        Assert.Equal(0, (await child.Exited).Code);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Closing_the_output_tells_a_process_that_nobody_reads(bool isManaged)
    {
        using var child = ProcessSpawner.Spawn(new SpawnOptions { FileName = "yes", IsManaged = isManaged, Output = StandardStream.Pipe, Error = StandardStream.Ignore });
        Assert.NotEqual(0, await child.StandardOutput!.ReadAsync(new byte[10], Cancelled));
        child.Dispose();
        Assert.False((await child.Exited.WaitAsync(TimeSpan.FromSeconds(60), Cancelled)).IsSuccess);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_ended_process_gets_no_signals(bool isManaged)
    {
        using var child = ProcessSpawner.Spawn(new SpawnOptions { FileName = "true", IsManaged = isManaged });
        Assert.True((await child.Exited).IsSuccess);
        Assert.False(child.Signal(Signals.Parse("SIGTERM")));
        Assert.Equal(0, await child.KillTreeAsync());
    }
}
