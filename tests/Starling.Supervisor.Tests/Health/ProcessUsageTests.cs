using System.Diagnostics;
using Starling.Server.Tests;
using Starling.Supervisor.Health;

namespace Starling.Supervisor.Tests.Health;

public sealed class ProcessUsageTests
{
    [Fact]
    public void The_usage_of_a_process_is_read()
    {
        var usage = ProcessUsage.Read(Environment.ProcessId)!.Value;
        Assert.InRange(usage.ResidentBytes, 10 << 20, 64L << 30);
        Assert.True(usage.CpuTime > TimeSpan.Zero);
        Assert.Equal(usage.StartTime, ProcessUsage.Read(Environment.ProcessId)!.Value.StartTime);
        using var process = Process.GetCurrentProcess();
        Assert.InRange(usage.ResidentBytes / (double)process.WorkingSet64, 0.5, 2);
    }

    [Fact]
    public void A_process_that_is_not_there_has_none()
    {
        Assert.Null(ProcessUsage.Read(int.MaxValue));
        Assert.Null(ProcessUsage.ReadTree(int.MaxValue));
    }

    [Fact]
    public void Reading_does_not_allocate()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only on Linux");
        ProcessUsage.Read(Environment.ProcessId);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            ProcessUsage.Read(Environment.ProcessId);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task Descendants_are_counted_with_their_ancestor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only on Linux");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "(sh -c 'sleep 60; :'; :)& echo ready; cat; kill $!"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            await shell.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var start = Environment.TickCount64;
            while (ProcessUsage.ReadTree(shell.Id)!.Value.ResidentBytes < ProcessUsage.Read(shell.Id)!.Value.ResidentBytes * 2)
            {
                Assert.True(Environment.TickCount64 - start < 60_000, "the child was never counted");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.Equal(ProcessUsage.Read(shell.Id)!.Value.StartTime, ProcessUsage.ReadTree(shell.Id)!.Value.StartTime);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public void A_meter_shows_the_share_of_a_processor()
    {
        var clock = new ManualTime();
        clock.Advance(TimeSpan.FromHours(1));
        var meter = new CpuMeter(clock);
        Assert.Equal(0, meter.Percent(new ProcessUsage(1, TimeSpan.FromSeconds(10), 7)));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(50, meter.Percent(new ProcessUsage(1, TimeSpan.FromSeconds(11), 7)));
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, meter.Percent(new ProcessUsage(1, TimeSpan.FromSeconds(20), 8)));
    }

    [Fact]
    public void A_limit_says_by_how_much_it_is_exceeded()
    {
        var limit = new MemoryLimit(200 << 20);
        Assert.Null(limit.Exceeded(new ProcessUsage(200 << 20, TimeSpan.Zero, 0)));
        Assert.Equal("it holds 250.5 MB of memory, more than its limit of 200 MB (max_memory_restart)", limit.Exceeded(new ProcessUsage((250 << 20) + (512 << 10), TimeSpan.Zero, 0)));
    }
}
