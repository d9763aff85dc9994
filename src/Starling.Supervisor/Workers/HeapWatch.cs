using System.Globalization;
using Starling.Supervisor.Health.Heap;

namespace Starling.Supervisor.Workers;

/// <summary>
/// The heap of one .NET process with a limit of memory: looked at once when it has settled, and again when it reaches the limit, so that the restart leaves behind
/// what the memory was filled with. Owned by the monitor.
/// </summary>
internal sealed class HeapWatch(WorkerProcess process, long memoryLimit, WorkerServices services)
{
    /// <summary>Reports that are kept of a worker.</summary>
    private const int Kept = 5;

    /// <summary>Memory has settled when it changed by less than this part within the time of settling.</summary>
    private const double Steady = 0.1;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private HeapDiff? _diff;
    private long _start = services.Time.GetTimestamp();
    private long _memory;
    private Task? _baseline;
    private bool _hasNoHeap;

    public WorkerProcess Process => process;

    /// <summary>
    /// Looks at the heap when the memory has settled. While it grows, a baseline would only show the growth; between half and three quarters of the limit, one that
    /// grows all the time gets its baseline in any case. Above that it would hide the growth: the report then counts everything.
    /// </summary>
    /// <param name="memory">Resident memory, in bytes.</param>
    public void OnLook(long memory)
    {
        if (_baseline is not null || _hasNoHeap)
        {
            return;
        }

        var isSettled = false;
        if (services.Time.GetElapsedTime(_start) > Settling)
        {
            isSettled = _memory > 0 && Math.Abs(memory - _memory) < _memory * Steady;
            (_start, _memory) = (services.Time.GetTimestamp(), memory);
        }

        if (isSettled || (_memory > 0 && memory > memoryLimit / 2 && memory < memoryLimit / 4 * 3))
        {
            _baseline = TryAsync(diff => diff.TakeBaselineAsync(Limit, CancellationToken.None));
        }
        else if (_memory == 0)
        {
            _memory = memory;
        }
    }

    /// <summary>Writes what the heap grew by into a file of the supervisor's logs.</summary>
    public async Task WriteAsync(Worker worker, string reason)
    {
        await (_baseline ?? Task.CompletedTask);
        var name = worker.Group.Config.Name;
        var prefix = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(name)}-{worker.Id}-heap-");
        var path = Path.Combine(services.Folder.Logs, string.Create(CultureInfo.InvariantCulture, $"{prefix}{services.Time.GetUtcNow():yyyyMMdd-HHmmss}.txt"));
        await TryAsync(async diff =>
        {
            await diff.WriteAsync(path, $"{name} ({worker.Id}): {reason}", Limit, CancellationToken.None);
            services.Log.HeapWritten(name, worker.Id, path);
            HeapReports.Keep(services.Folder.Logs, prefix, Kept);
        });
    }

    private async Task TryAsync(Func<HeapDiff, Task> look)
    {
        try
        {
            // Not before there is something to look at: a process that has just begun is not yet known as one of .NET.
            _diff ??= HeapInspector.CanInspect(process.Id) ? new HeapDiff(process.Id, services.Time) : null;
            _hasNoHeap = _diff is null;
            await (_diff is null ? Task.CompletedTask : look(_diff));
        }
        catch (Exception exception)
        {
            // The diagnostic port of a process that is ending answers with anything.
            services.Log.HeapNotRead(process.Id, exception.Message);
        }
    }
}
