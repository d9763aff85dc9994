using Starling.LoadGenerator.Connections;
using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.Reports;
using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>Measures the generator itself: how many deliveries it takes when a server has next to nothing to do.</summary>
internal sealed class SelfTest(LoadOptions options, TextWriter output)
{
    private static readonly int[] FramesPerWrite = [1, 4, 16, 64];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        OpenFileLimit.Require(options.Clients * 2);
        output.WriteLine($"{"frames per write",-18}{"deliveries/s",16}{"loop CPU s/million",20}{"loop busy",12}{"loop's ceiling/s",18}");
        foreach (var frames in FramesPerWrite)
        {
            await RunAsync(frames, cancellationToken);
        }
    }

    private async Task RunAsync(int frames, CancellationToken cancellationToken)
    {
        var control = new RunControl();
        using var server = new BlastServer(options.Clients, options.Payload, frames, control);
        using var fleet = new ClientFleet<BroadcastWorkload>(
            control,
            server.Port,
            options.Clients,
            options.Concurrency,
            loops: 1,
            options.Linger,
            (_, clients) => new BroadcastWorkload(control, clients, publishers: 1, window: 0, options.Payload, options.SampleEvery, loop: 0, loops: 1));
        await fleet.ConnectAsync(cancellationToken);
        control.Phase = RunPhase.Running;
        await fleet.WaitAsync(TimeSpan.FromSeconds(options.Warmup), cancellationToken);
        control.Measuring = true;
        var (start, completed, cpu) = (Clock.Now, fleet.Completed, fleet.LoopCpuSeconds[0]);
        await fleet.WaitAsync(TimeSpan.FromSeconds(options.Seconds), cancellationToken);
        var seconds = (Clock.Now - start) / 1e9;
        completed = fleet.Completed - completed;
        cpu = fleet.LoopCpuSeconds[0] - cpu;
        output.WriteLine(
            $"{frames,-18}{TextReport.Number(completed / seconds),16}{TextReport.Number(cpu / completed * 1e6),20}" +
            $"{TextReport.Number(cpu / seconds),12}{TextReport.Number(completed / cpu),18}");
    }
}
