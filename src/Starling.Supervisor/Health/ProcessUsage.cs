using System.Diagnostics;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Health;

/// <summary>What a process uses at a moment.</summary>
/// <param name="ResidentBytes">Memory that it holds.</param>
/// <param name="CpuTime">Processor time that it has used since its start, of all its threads.</param>
/// <param name="StartTime">
/// When it started, in ticks whose unit and origin depend on the system; two readings of one process id with the same value are of the same process, so it tells a
/// process from a later one that got its id.
/// </param>
public readonly record struct ProcessUsage(long ResidentBytes, TimeSpan CpuTime, long StartTime)
{
    /// <summary>Reads the usage of a process; null when there is none of that id. Does not allocate on Linux.</summary>
    public static ProcessUsage? Read(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            return ProcessStatus.TryRead(processId, out var status)
                ? new ProcessUsage(status.ResidentPages * Environment.SystemPageSize, ProcessStatus.TimeOf(status.CpuTicks), status.StartTime)
                : null;
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return new ProcessUsage(process.WorkingSet64, process.TotalProcessorTime, process.StartTime.ToUniversalTime().Ticks);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads the usage of a process and all its descendants together; null when there is no such process. Looks through all processes of the system on Linux;
    /// elsewhere descendants are not counted.
    /// </summary>
    public static ProcessUsage? ReadTree(int processId) => ReadTrees([processId]).TryGetValue(processId, out var usage) ? usage : null;

    /// <summary>Reads the usages of several processes, each with all its descendants, at one look; those that do not exist are missing.</summary>
    internal static IReadOnlyDictionary<int, ProcessUsage> ReadTrees(IReadOnlyCollection<int> processIds)
    {
        var usages = new Dictionary<int, ProcessUsage>();
        foreach (var id in processIds)
        {
            if (Read(id) is { } usage)
            {
                usages[id] = usage;
            }
        }

        if (usages.Count == 0 || !OperatingSystem.IsLinux())
        {
            return usages;
        }

        var children = new Dictionary<int, List<(int Id, ProcessStatus Status)>>();
        foreach (var process in ProcessStatus.ReadAll())
        {
            if (!children.TryGetValue(process.Status.ParentId, out var list))
            {
                children[process.Status.ParentId] = list = [];
            }

            list.Add(process);
        }

        foreach (var (root, usage) in usages.ToArray())
        {
            var (pages, ticks) = (0L, 0L);
            var open = new Stack<int>([root]);
            while (open.TryPop(out var parent))
            {
                foreach (var (id, status) in children.GetValueOrDefault(parent) ?? [])
                {
                    pages += status.ResidentPages;
                    ticks += status.CpuTicks;
                    open.Push(id);
                }
            }

            usages[root] = usage with { ResidentBytes = usage.ResidentBytes + (pages * Environment.SystemPageSize), CpuTime = usage.CpuTime + ProcessStatus.TimeOf(ticks) };
        }

        return usages;
    }
}
