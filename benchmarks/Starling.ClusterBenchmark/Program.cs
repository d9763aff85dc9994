using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Starling.Cluster;
using Starling.ClusterBenchmark;
using Starling.Server.Backplane;

if (args is ["receive", var folder])
{
    await using var node = new LocalBackplane(Options.Create(new LocalClusterOptions { Folder = folder }));
    await using var receiver = await Receiver.StartAsync(node);
    Console.WriteLine("ready");
    Console.ReadLine();
    return 0;
}

var seconds = args is ["--seconds", var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 3;
Console.WriteLine($"{"backplane",-12}{"bytes",8}{"messages/s",14}{"CPU us/message",16}{"allocated B",13}");
foreach (var bytes in (int[])[100, 1000, 10_000])
{
    await MeasureInMemoryAsync(bytes);
    await MeasureClusterAsync(bytes);
}

return 0;

async Task MeasureInMemoryAsync(int bytes)
{
    var hub = new InMemoryBackplaneHub();
    await using var node = new InMemoryBackplane(hub);
    await using var other = new InMemoryBackplane(hub);
    await using var receiver = await Receiver.StartAsync(other);
    await using var sender = await Sender.StartAsync(node);
    await sender.RunAsync(bytes, 0.5);
    Print("in memory", bytes, await sender.RunAsync(bytes, seconds), TimeSpan.Zero);
}

async Task MeasureClusterAsync(int bytes)
{
    var temporary = Directory.CreateTempSubdirectory("sc-").FullName;
    try
    {
        await using var node = new LocalBackplane(Options.Create(new LocalClusterOptions { Folder = temporary }));
        await node.JoinAsync(CancellationToken.None);
        string[] self = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. self, "receive", temporary])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await process.StandardOutput.ReadLineAsync();
        await using (var sender = await Sender.StartAsync(node))
        {
            await sender.RunAsync(bytes, 0.5);
            process.Refresh();
            var before = process.TotalProcessorTime;
            var measured = await sender.RunAsync(bytes, seconds);
            process.Refresh();
            Print("cluster", bytes, measured, process.TotalProcessorTime - before);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
    }
    finally
    {
        Directory.Delete(temporary, recursive: true);
    }
}

void Print(string what, int bytes, Measurement measured, TimeSpan elsewhere) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{what,-12}{bytes,8}{measured.Messages / measured.Elapsed.TotalSeconds,14:N0}{(measured.Processor + elsewhere).TotalMicroseconds / measured.Messages,16:F2}{(double)measured.Allocated / measured.Messages,13:F0}"));
