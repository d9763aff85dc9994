using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Spawning;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task Descriptors_arrive_under_their_numbers_and_no_others_do()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        using var file = File.Open(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var options = Shell.Script("ls -l /proc/self/fd | sed 's/.* \\([0-9]* -> .*\\)/\\1/'") with
        {
            Descriptors = new Dictionary<int, SafeHandle> { [4] = first.Server.SafeHandle, [3] = second.Server.SafeHandle, [9] = file.SafeFileHandle },
        };
        var result = await ProcessRun.ToEndAsync(options, cancellationToken: TestContext.Current.CancellationToken);
        var open = result.OutputText.Split('\n').Where(line => line.Contains(" -> ", StringComparison.Ordinal))
            .ToDictionary(line => line.Split(" -> ")[0], line => line.Split(" -> ")[1]);
        Assert.Equal(Inode(first.Server.SafeHandle), open["4"]);
        Assert.Equal(Inode(second.Server.SafeHandle), open["3"]);
        Assert.Equal(file.Name, open["9"]);

        // Besides the three there are the standard streams and the folder that ls reads.
        Assert.All(open, pair => Assert.True(pair.Key is "0" or "1" or "2" or "3" or "4" or "5" or "9", $"{pair.Key} is {pair.Value}"));
        File.Delete(file.Name);
    }

    [Fact]
    public async Task Descriptors_with_large_numbers_arrive_under_theirs()
    {
        using var folder = new ScratchFolder();
        var many = Enumerable.Range(0, 700).Select(i => File.OpenHandle(folder.File($"{i}", $"{i}"))).ToArray();
        var passed = many.Where(file => file.DangerousGetHandle() is >= 590 and < 640).ToArray();
        Assert.NotEmpty(passed);

        // Each under the number that another has here, and some under their own.
        var descriptors = Enumerable.Range(0, passed.Length).ToDictionary(
            i => (int)passed[i < 5 ? i : passed.Length - 1 - (i - 5)].DangerousGetHandle(), i => (SafeHandle)passed[i]);
        try
        {
            var result = await ProcessRun.ToEndAsync(
                Shell.Script("ls -l /proc/self/fd | sed 's/.* \\([0-9]* -> .*\\)/\\1/'") with { Descriptors = descriptors }, cancellationToken: TestContext.Current.CancellationToken);
            var open = result.OutputText.Split('\n').Where(line => line.Contains(" -> ", StringComparison.Ordinal)).ToDictionary(line => line.Split(" -> ")[0], line => line.Split(" -> ")[1]);
            foreach (var (number, handle) in descriptors)
            {
                Assert.Equal(new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget, open[$"{number}"]);
            }
        }
        finally
        {
            Array.ForEach(many, file => file.Dispose());
        }
    }

    [Fact]
    public async Task A_tree_is_ended_whole_with_those_whose_parents_are_gone()
    {
        var marker = "STARLING_TEST=" + Guid.NewGuid();
        using var child = ProcessSpawner.Spawn(Shell.Script("(sleep 600 & sleep 600 & wait) & (sleep 600 &) ; sleep 600") with
        {
            Detached = true,
            Environment = Environment(marker),
        });
        await Shell.WaitUntilAsync(() => Shell.Marked(marker).Length >= 5, "the tree");
        var count = await child.KillTreeAsync();
        Assert.True(count >= 5, $"{count} were ended.");
        Assert.Equal(9, (await child.Exited).Signal);
        await Shell.WaitUntilGoneAsync(marker);
    }

    [Fact]
    public async Task A_tree_that_multiplies_is_ended_whole()
    {
        var marker = "STARLING_TEST=" + Guid.NewGuid();
        using var child = ProcessSpawner.Spawn(Shell.Script("""
            breed() { [ $1 -lt 4 ] && for i in 1 2 3; do (breed $(($1 + 1))) & sleep 0.1; done; exec sleep 60; }
            run() { [ $1 -lt 400 ] && { (run $(($1 + 1))) & exit; }; exec sleep 60; }
            (run 0) &
            (run 0) &
            breed 0
            """) with
        {
            Detached = true,
            Environment = Environment(marker),
        });
        await Shell.WaitUntilAsync(() => Shell.Marked(marker).Length > 20, "a crowd");
        await child.KillTreeAsync();
        await Shell.WaitUntilGoneAsync(marker);
    }

    [Fact]
    public async Task What_an_ended_process_left_behind_is_ended()
    {
        var marker = "STARLING_TEST=" + Guid.NewGuid();
        using var child = ProcessSpawner.Spawn(Shell.Script("sleep 600 & exit 0") with { Detached = true, Environment = Environment(marker) });
        Assert.Equal(0, (await child.Exited).Code);
        Assert.Equal(1, await child.KillTreeAsync());
        await Shell.WaitUntilGoneAsync(marker);
    }

    [Fact]
    public async Task Signals_that_this_process_ignores_work_in_the_program()
    {
        // .NET ignores SIGPIPE; a program that inherited that would go on writing to nobody.
        var result = await ProcessRun.ToEndAsync(Shell.Script("yes | head -1; echo ok"), new RunOptions { Timeout = TimeSpan.FromSeconds(20) }, TestContext.Current.CancellationToken);
        Assert.Equal("y\nok\n", result.OutputText);
        Assert.Equal("", result.ErrorText);
    }

    private static string Inode(SafeHandle handle) => new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget!;

    private static Dictionary<string, string> Environment(string marker) =>
        new() { [marker.Split('=')[0]] = marker.Split('=')[1], ["PATH"] = System.Environment.GetEnvironmentVariable("PATH")! };
}
