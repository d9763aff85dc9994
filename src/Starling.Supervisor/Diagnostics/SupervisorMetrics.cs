using System.Diagnostics.Metrics;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Diagnostics;

/// <summary>What a supervisor measures, under the meter <see cref="MeterName"/>; every measurement says of which application and worker it is.</summary>
internal sealed class SupervisorMetrics : IDisposable
{
    public const string MeterName = "Starling.Supervisor";

    private readonly GroupTable _groups;
    private readonly Meter _meter;

    public SupervisorMetrics(GroupTable groups, IMeterFactory? factory)
    {
        _groups = groups;
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableGauge("starling.supervisor.worker.up", () => Of(worker => worker.Status == WorkerStatus.Online ? 1L : 0L), "{worker}", "Whether the worker is online.");
        _meter.CreateObservableCounter("starling.supervisor.worker.restarts", () => Of(worker => (long)worker.Restarts), "{restart}", "How often the worker was started again.");
        _meter.CreateObservableGauge("starling.supervisor.worker.memory", () => Of(worker => worker.IsRunning ? worker.Memory : 0), "By", "Resident memory of its process.");
        _meter.CreateObservableGauge("starling.supervisor.worker.cpu", () => Of(worker => worker.IsRunning ? worker.Cpu / 100 : 0), "1", "Cores that its process used lately.");
        _meter.CreateObservableGauge(
            "starling.supervisor.worker.connections", () => Of(worker => worker.Process?.Handed.Load ?? 0, worker => worker.Group.Config.LeastConnections), "{connection}",
            "Open connections that it was handed, of applications with least_connections.");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<T>> Of<T>(Func<Worker, T> value, Func<Worker, bool>? where = null)
        where T : struct =>
        _groups.All.SelectMany(group => group.Workers).Where(where ?? (_ => true)).Select(worker => new Measurement<T>(
            value(worker),
            new KeyValuePair<string, object?>("app", worker.Group.Config.Name),
            new KeyValuePair<string, object?>("namespace", worker.Group.Config.Namespace),
            new KeyValuePair<string, object?>("id", worker.Id)));
}
