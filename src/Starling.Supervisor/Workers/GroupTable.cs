using System.Globalization;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Workers;

/// <summary>The applications of a supervisor, by name, in the order in which they came. Safe for use by several threads.</summary>
internal sealed class GroupTable
{
    public const string Everything = "all";

    private readonly Lock _lock = new();
    private WorkerGroup[] _groups = [];

    public IReadOnlyList<WorkerGroup> All => _groups;

    public WorkerGroup? TryFind(string name) => _groups.FirstOrDefault(group => group.Config.Name == name);

    /// <exception cref="SupervisorException">There is no such application.</exception>
    public WorkerGroup Find(string name) => TryFind(name) ?? throw Unknown(name);

    public (WorkerGroup Group, bool IsNew) GetOrAdd(string name, Func<WorkerGroup> create)
    {
        lock (_lock)
        {
            if (TryFind(name) is { } present)
            {
                return (present, false);
            }

            var group = create();
            _groups = [.. _groups, group];
            return (group, true);
        }
    }

    public void Remove(WorkerGroup group)
    {
        lock (_lock)
        {
            _groups = [.. _groups.Where(other => other != group)];
        }
    }

    /// <summary>What a target means: a worker by number, an application or a namespace by name, or all.</summary>
    /// <exception cref="SupervisorException">It means nothing; the message has the nearest name.</exception>
    public IReadOnlyList<(WorkerGroup Group, IReadOnlyList<Worker> Workers)> Resolve(string target)
    {
        var groups = _groups;
        if (target == Everything)
        {
            return [.. groups.Select(group => (group, group.Workers))];
        }

        if (groups.FirstOrDefault(group => group.Config.Name == target) is { } named)
        {
            return [(named, named.Workers)];
        }

        if (groups.Where(group => group.Config.Namespace == target).ToArray() is { Length: > 0 } members)
        {
            return [.. members.Select(group => (group, group.Workers))];
        }

        if (int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && groups.SelectMany(group => group.Workers).FirstOrDefault(worker => worker.Id == id) is { } worker)
        {
            return [(worker.Group, [worker])];
        }

        throw Unknown(target);
    }

    private SupervisorException Unknown(string target)
    {
        var names = _groups.Select(group => group.Config.Name).Concat(_groups.Select(group => group.Config.Namespace)).Distinct().ToArray();
        var advice = NearestName.Find(target, names) is { } nearest ? $" Did you mean '{nearest}'?"
            : names.Length == 0 ? " Nothing was started yet."
            : $" There are {string.Join(", ", names.Take(10))}.";
        return new SupervisorException($"There is no application, namespace or worker '{target}'.{advice}");
    }
}
