using System.Globalization;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Workers;

/// <summary>
/// What carries the mark of a worker of this folder and belongs to no worker that was adopted: old processes that finish after a reload, and what workers left behind.
/// Never this process, the processes that it descends from, and what those run: a supervisor may be started from inside a worker. One object for the start of a supervisor.
/// </summary>
internal sealed class Strays(WorkerServices services, IReadOnlySet<long> adopted, long lastNumber)
{
    /// <summary>Time that a stray gets to end by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _mark = $"{SupervisorFolder.WorkerVariable}={services.Folder.Path}#";
    private readonly List<(int Pid, long Start, string Mark)> _found = [];

    /// <summary>Looks for them.</summary>
    public void Find()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        int[] own = [Environment.ProcessId, .. ProcessTree.Ancestors(Environment.ProcessId)];

        // The parent is the keeper, which is the parent of all orphans as well.
        var nests = own.Skip(2).Where(id => MarkOf(id) is not null).ToHashSet();
        services.Callers.Spare(nests.Select(id => NumberOf(MarkOf(id)!)).OfType<long>());
        var spared = services.Callers.Numbers;
        foreach (var pid in ProcessStatus.Ids())
        {
            if (!own.Contains(pid) && MarkOf(pid) is { } mark && NumberOf(mark) is { } number && !spared.Contains(number) && ProcessTree.StartTicks(pid) is { } start && !ProcessTree.Ancestors(pid).Any(nests.Contains))
            {
                _found.Add((pid, start, mark));
            }
        }
    }

    /// <summary>Ends those that do not end by themselves.</summary>
    public async Task EndAsync()
    {
        if (_found.Count == 0)
        {
            return;
        }

        await Task.Delay(Patience, services.Time);
        foreach (var (pid, start, mark) in _found)
        {
            if (ProcessTree.StartTicks(pid) == start)
            {
                services.Log.StrayEnded(pid, await TreeEnd.KillAsync(new ProcessTree(pid, start, mark, services.Callers.Around())));
            }
        }
    }

    /// <summary>The mark of a start that no worker has; null when the process has none.</summary>
    private string? MarkOf(int pid) =>
        ProcessTree.Variables(pid).FirstOrDefault(variable => variable.StartsWith(_mark, StringComparison.Ordinal)) is { } mark
        && NumberOf(mark) is { } number && !adopted.Contains(number) && number <= lastNumber ? mark : null;

    private long? NumberOf(string mark) => long.TryParse(mark.AsSpan(_mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
