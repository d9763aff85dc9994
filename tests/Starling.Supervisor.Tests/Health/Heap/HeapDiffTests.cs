using System.Diagnostics;
using System.Runtime.CompilerServices;
using Starling.Supervisor.Health.Heap;

namespace Starling.Supervisor.Tests.Health.Heap;

public sealed class HeapDiffTests
{
    private const string Variable = "STARLING_TEST_LEAKING";
    private const int Leaks = 50_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public void Only_what_grew_is_listed_most_bytes_first()
    {
        var before = new HeapHistogram(default, new Dictionary<string, HeapTypeUse> { ["A"] = new(5, 100), ["B"] = new(1, 10), ["C"] = new(9, 900) });
        var after = new HeapHistogram(default, new Dictionary<string, HeapTypeUse> { ["A"] = new(6, 150), ["B"] = new(1, 10), ["C"] = new(1, 100), ["D"] = new(2, 500) });
        Assert.Equal(
            [new HeapGrowth("D", default, new(2, 500)), new HeapGrowth("A", new(5, 100), new(6, 150))],
            HeapDiff.Between(before, after));
    }

    [Fact]
    public async Task A_leak_of_a_process_is_found()
    {
        using var folder = new ScratchFolder();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { Environment = { [Variable] = "1" }, RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        try
        {
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken));
            Assert.True(HeapInspector.CanInspect(process.Id));
            var diff = new HeapDiff(process.Id, TimeProvider.System);
            await diff.TakeBaselineAsync(Limit, TestContext.Current.CancellationToken);
            await process.StandardInput.WriteLineAsync("leak");
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Equal("leaked", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken));
            var path = folder.Combine("dumps/heap.txt");
            var growth = await diff.WriteAsync(path, "api 0 reached its limit", Limit, TestContext.Current.CancellationToken);
            var leak = Assert.Single(growth, type => type.Type.EndsWith("LeakedThing", StringComparison.Ordinal));
            Assert.Equal(Leaks, leak.Count);
            Assert.Equal(Leaks + 1, leak.After.Count);
            var text = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal("api 0 reached its limit", text[0]);
            Assert.Contains(text, line => line.Contains("+50,000", StringComparison.Ordinal) && line.EndsWith("LeakedThing", StringComparison.Ordinal));
            Assert.DoesNotContain(growth, type => type.Type.StartsWith("(type", StringComparison.Ordinal));
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', text));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task A_process_that_is_not_there_is_said_to_be_so()
    {
        Assert.False(HeapInspector.CanInspect(int.MaxValue));
        var error = await Assert.ThrowsAsync<HeapSnapshotException>(() => new HeapDiff(int.MaxValue, TimeProvider.System).TakeBaselineAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Contains("cannot be looked at", error.Message, StringComparison.Ordinal);
    }

    // A process of its own that leaks when told to: this very program, started with a variable that says so.
    [ModuleInitializer]
    internal static void LeakWhenTold()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            return;
        }

        var things = new List<LeakedThing> { new() };
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            things.AddRange(Enumerable.Range(0, Leaks).Select(_ => new LeakedThing()));
            Console.WriteLine("leaked");
        }

        GC.KeepAlive(things);
        Environment.Exit(0);
    }

    private sealed class LeakedThing
    {
        public long Filler { get; } = 1;
    }
}
