using Starling.LoadGenerator.Linux;
using Starling.LoadGenerator.Servers;
using Starling.LoadGenerator.Statistics;

namespace Starling.LoadGenerator.Scenarios;

/// <summary>What an idle connection costs the server in memory, as the kernel counts it.</summary>
internal sealed class IdleScenario(LoadOptions options) : IScenario
{
    private const int WarmupConnects = 100;

    public string Name => "idle";

    public int Connections => options.IdleClients;

    public async Task<ScenarioResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await IdleFleet.WarmUpAsync(server, WarmupConnects, options, cancellationToken);
        var (baseResident, baseProportional) = Read(server);

        using var fleet = IdleFleet.Create(server, options.IdleClients, options);
        await fleet.ConnectAsync(cancellationToken);
        var cpu = server.CpuSeconds;
        var start = Clock.Now;
        await fleet.WaitAsync(TimeSpan.FromSeconds(options.Settle), cancellationToken);
        var utilisation = (server.CpuSeconds - cpu) / ((Clock.Now - start) / 1e9);
        var (resident, proportional) = Read(server);

        return new ScenarioResult(
            [
                new("RSS per connection", "KiB", (resident - baseResident) / 1024.0 / options.IdleClients),
                new("Pss per connection", "KiB", (proportional - baseProportional) / 1024.0 / options.IdleClients),
                new("RSS without connections", "MiB", baseResident / 1048576.0),
                new("RSS with connections", "MiB", resident / 1048576.0),
                new("CPU while settling", "cores", utilisation),
            ],
            []);
    }

    private static (long Resident, long Proportional) Read(ServerProcess server) =>
        (ProcessStatistics.ResidentBytes(server.Id), ProcessStatistics.ProportionalBytes(server.Id));
}
