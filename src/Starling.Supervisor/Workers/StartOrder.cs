namespace Starling.Supervisor.Workers;

/// <summary>Order in which applications start: each after those that it depends on, otherwise as they were given.</summary>
internal static class StartOrder
{
    /// <exception cref="SupervisorException">An application depends on itself through others, or on one that is nowhere.</exception>
    public static IReadOnlyList<WorkerGroupRecord> Of(IReadOnlyList<WorkerGroupRecord> apps, GroupTable present)
    {
        var ordered = new List<WorkerGroupRecord>();
        var path = new List<string>();
        foreach (var app in apps)
        {
            Add(app);
        }

        return ordered;

        void Add(WorkerGroupRecord app)
        {
            if (ordered.Contains(app))
            {
                return;
            }

            if (path.Contains(app.Config.Name))
            {
                throw new SupervisorException($"{string.Join(" depends on ", path.SkipWhile(name => name != app.Config.Name).Append(app.Config.Name))}: take one of these out of depends_on.");
            }

            path.Add(app.Config.Name);
            foreach (var needed in app.Config.DependsOn)
            {
                if (apps.FirstOrDefault(other => other.Config.Name == needed) is { } other)
                {
                    Add(other);
                }
                else if (present.TryFind(needed) is null)
                {
                    throw new SupervisorException($"{app.Config.Name} depends on {needed}, which is not there. Start it as well.");
                }
            }

            path.RemoveAt(path.Count - 1);
            ordered.Add(app);
        }
    }
}
