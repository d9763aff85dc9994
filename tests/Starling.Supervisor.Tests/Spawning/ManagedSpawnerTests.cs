using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Tests.Spawning;

/// <summary>What Windows cannot do is refused, and what it does otherwise is as the documentation says.</summary>
public sealed class ManagedSpawnerTests
{
    public static TheoryData<SpawnOptions, string> Impossible => new()
    {
        { Program with { User = "nobody" }, "true cannot run as nobody on Windows: " },
        { Program with { Group = "nogroup" }, "true cannot run as nogroup on Windows: " },
        { Program with { Detached = true }, "true cannot be detached on Windows: " },
        { Program with { Descriptors = new Dictionary<int, SafeHandle> { [3] = new SafeFileHandle() } }, "true cannot be given descriptor 3 on Windows: " },
        { Program with { Output = StandardStream.Descriptor(new SafeFileHandle()) }, "true cannot be given a descriptor as standard stream on Windows: " },
        { Program with { FileName = "run.CMD", Arguments = ["&calc"] }, "run.CMD cannot be started by itself on Windows: " },
        { Program with { FileName = "run.bat. ." }, "run.bat. . cannot be started by itself on Windows: " },
        { Program with { Arguments = ["a\0b"] }, "'a\\0b' cannot be passed to a program: " },
        { Program with { Input = StandardStream.File("/no/such/file") }, "true cannot be started: '/no/such/file' cannot be opened for its input: " },
    };

    private static SpawnOptions Program => new() { FileName = "true", IsManaged = true };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void What_cannot_be_is_refused_with_the_reason(SpawnOptions options, string reason)
    {
        var exception = Assert.Throws<SpawnException>(() => ProcessSpawner.Spawn(options));
        Assert.StartsWith(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "there is no such program in PATH")]
    [InlineData(5, "no permission to execute it")]
    [InlineData(193, "a program for this machine")]
    [InlineData(206, "its arguments are longer than Windows allows")]
    [InlineData(740, "an administrator's rights")]
    public void Windows_own_errors_get_the_same_words(int error, string reason)
    {
        var message = SpawnErrors.ExplainWindows("no-such-program-anywhere", error);
        Assert.StartsWith("no-such-program-anywhere cannot be started: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kill_is_the_only_signal()
    {
        using var child = ProcessSpawner.Spawn(Program with { FileName = "sleep", Arguments = ["600"] });
        var exception = Assert.Throws<PlatformNotSupportedException>(() => child.Signal(Signals.Parse("SIGTERM")));
        Assert.Contains("cannot be sent SIGTERM: Windows has no signals", exception.Message, StringComparison.Ordinal);
        Assert.True(child.Signal(Signals.Parse("SIGKILL")));
        Assert.Equal(128 + 9, (await child.Exited).Code);
    }

    [Fact]
    public async Task A_tree_is_ended_whole()
    {
        var marker = Guid.NewGuid().ToString();
        using var child = ProcessSpawner.Spawn(Shell.Script("(sleep 600 & sleep 600 & wait) & sleep 600") with
        {
            IsManaged = true,
            Environment = new Dictionary<string, string> { ["STARLING_TEST"] = marker, ["PATH"] = Environment.GetEnvironmentVariable("PATH")! },
        });
        await Shell.WaitUntilAsync(() => Shell.Marked(marker).Length >= 5, "the tree");
        Assert.Equal(1, await child.KillTreeAsync());
        await child.Exited;
        await Shell.WaitUntilAsync(() => Shell.Marked(marker).Length == 0, "the end of all");
    }

    [Fact]
    public async Task A_descendant_that_holds_a_file_does_not_hold_the_end()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "log");
        using var child = ProcessSpawner.Spawn(Shell.Script("sleep 60 & echo $!; exit 5") with { IsManaged = true, Output = StandardStream.File(path) });
        Assert.Equal(5, (await child.Exited.WaitAsync(TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken)).Code);
        var id = int.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture);
        using var left = System.Diagnostics.Process.GetProcessById(id);
        left.Kill();
    }
}
