using System.Globalization;
using Starling.Supervisor.Health.Heap;

namespace Starling.Supervisor.Workers;

/// <summary>
/// The heap of one .NET process with a limit of memory: looked at once when it has settled, and again when it reaches the limit, so that the restart leaves behind
/// what the memory was filled with. Owned by the monitor.
/// </summary>
internal sealed class HeapWatch(int pid, WorkerServices services)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private HeapDiff? _diff;
    private readonly long _start = services.Time.GetTimestamp();
    private Task? _baseline;
    private bool _hasNoHeap;

    public int Pid => pid;

    /// <summary>Looks at the heap when it is time to.</summary>
    public void OnLook()
    {
        if (_baseline is null && !_hasNoHeap && services.Time.GetElapsedTime(_start) > Settling)
        {
            _baseline = TryAsync(diff => diff.TakeBaselineAsync(Limit, CancellationToken.None));
        }
    }

    /// <summary>Writes what the heap grew by into a file of the supervisor's logs.</summary>
    public async Task WriteAsync(Worker worker, string reason)
    {
        await (_baseline ?? Task.CompletedTask);
        var name = worker.Group.Config.Name;
        var path = Path.Combine(
            services.Folder.Logs, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(name)}-{worker.Id}-heap-{services.Time.GetUtcNow():yyyyMMdd-HHmmss}.txt"));
        await TryAsync(async diff =>
        {
            await diff.WriteAsync(path, $"{name} ({worker.Id}): {reason}", Limit, CancellationToken.None);
            services.Log.HeapWritten(name, worker.Id, path);
        });
    }

    private async Task TryAsync(Func<HeapDiff, Task> look)
    {
        try
        {
            // Not before there is something to look at: a process that has just begun is not yet known as one of .NET.
            _diff ??= HeapInspector.CanInspect(pid) ? new HeapDiff(pid, services.Time) : null;
            _hasNoHeap = _diff is null;
            await (_diff is null ? Task.CompletedTask : look(_diff));
        }
        catch (Exception exception) when (exception is HeapSnapshotException or IOException or UnauthorizedAccessException)
        {
            services.Log.HeapNotRead(pid, exception.Message);
        }
    }
}
