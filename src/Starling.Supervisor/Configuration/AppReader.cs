using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>Makes configurations of a parsed process file; one per file.</summary>
internal sealed class AppReader(string file, string[] folders, string? environment, bool hasLines)
{
    private static readonly string[] ListKeys = ["apps", "pm2"];
    private readonly List<string> _warnings = [];
    private readonly List<ProcessFileException> _failures = [];

    /// <exception cref="ProcessFileException">The file is invalid, or none of its applications can run.</exception>
    public ProcessFileResult Read(ConfigNode root)
    {
        var apps = new List<(AppConfig App, ConfigNode Node)>();
        foreach (var (index, node) in Entries(root).Index())
        {
            if (ReadApp(node, index) is not { } app)
            {
                continue;
            }

            if (apps.FirstOrDefault(other => other.App.Name == app.Name).Node is { } first)
            {
                throw Error($"there are two applications of the name \"{app.Name}\" (the other {Place(first)}): give each its own \"name\"", node, app.Name, "name");
            }

            apps.Add((app, node));
        }

        DropDependents(apps);
        CheckDependencies(apps);
        return apps.Count > 0 ? new ProcessFileResult([.. apps.Select(entry => entry.App)], _warnings, _failures) : throw _failures[0];
    }

    private static ConfigNode? ValueOf(ConfigNode node, string key) =>
        node.Members.FirstOrDefault(member => AppKeys.Find(member.Key)?.Name == key)?.Value;

    private string Place(ConfigNode node) => hasLines ? $"in line {node.Line}" : "stands before it";

    private IReadOnlyList<ConfigNode> Entries(ConfigNode root)
    {
        var list = root;
        if (root.Kind is ConfigNodeKind.Object && ListKeys.Select(key => root.Members.FirstOrDefault(member => member.Key == key)).FirstOrDefault(found => found is not null) is { } apps)
        {
            list = apps.Value;
            foreach (var other in root.Members.Where(member => member != apps))
            {
                _warnings.Add(At(other, other.Key is "deploy" or "static"
                    ? $"\"{other.Key}\" has no effect here: {(other.Key == "deploy" ? "nothing is deployed" : "files are served by `starling serve`")}"
                    : $"there is no key \"{other.Key}\" beside \"{apps.Key}\""));
            }
        }

        if (list.Kind is ConfigNodeKind.Object)
        {
            return [list];
        }

        if (list.Kind is not ConfigNodeKind.List)
        {
            throw Error($"a list of applications, or an application, is expected, but there is {list.Shown()}", list, null, null);
        }

        if (list.Items.Count == 0)
        {
            throw Error("there is no application in it: an application is expected ({ \"script\": ... })", list, null, null);
        }

        return list.Items.FirstOrDefault(item => item.Kind is not ConfigNodeKind.Object) is { } wrong
            ? throw Error($"an application is expected ({{ \"script\": ... }}), but there is {wrong.Shown()}", wrong, null, null)
            : list.Items;
    }

    /// <returns>The application; null if this machine lacks what it needs, which does not concern the others.</returns>
    private AppConfig? ReadApp(ConfigNode node, int index)
    {
        var name = ValueOf(node, "name")?.AsVariable() ?? ValueOf(node, "script")?.AsVariable() ?? $"number {index + 1}";
        var request = new AppRequest();
        var given = new Dictionary<string, string>();

        // PM2's own name of a key counts before its aliases.
        foreach (var member in node.Members.OrderBy(member => AppKeys.Find(member.Key)?.Name == member.Key ? 0 : 1))
        {
            if (AppKeys.Find(member.Key) is not { } key)
            {
                _warnings.Add(At(member, $"app \"{name}\": {AppKeys.UnknownText(member.Key)}"));
            }
            else if (member.Value.Kind is ConfigNodeKind.Null)
            {
                continue;
            }
            else if (key.Read is not { } read)
            {
                _warnings.Add(At(member, $"app \"{name}\": \"{member.Key}\" has no effect here: {key.NoEffect}"));
            }
            else if (!given.TryAdd(key.Name, member.Key))
            {
                _warnings.Add(At(member, $"app \"{name}\": \"{member.Key}\" says again what \"{given[key.Name]}\" says; the latter counts"));
            }
            else
            {
                request = Value(read, request, member, name);
            }
        }

        try
        {
            return AppConfigBuilder.Resolve(request, FolderOf(request), environment);
        }
        catch (AppConfigException error)
        {
            var member = node.Members.FirstOrDefault(member => AppKeys.Find(member.Key)?.Name == error.Key);
            var failure = Error($"app \"{name}\": {error.Message}", member?.Value ?? node, error.App ?? name, error.Key);
            if (!error.IsMissing)
            {
                throw failure;
            }

            _failures.Add(failure);
            return null;
        }
    }

    private AppRequest Value(Func<AppRequest, ConfigNode, AppRequest> read, AppRequest request, ConfigMember member, string name)
    {
        try
        {
            return read(request, member.Value);
        }
        catch (ConfigValueException error)
        {
            throw Error($"app \"{name}\": {error.Text(member.Key)}", error.Node.Line > 0 ? error.Node : member.Value, name, member.Key);
        }
    }

    private string FolderOf(AppRequest request) =>
        folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, request.Cwd ?? ".", request.Script ?? ""))) ?? folders[^1];

    /// <summary>Takes out the applications that depend on one that cannot run.</summary>
    private void DropDependents(List<(AppConfig App, ConfigNode Node)> apps)
    {
        for (var count = 0; count != _failures.Count;)
        {
            count = _failures.Count;
            foreach (var (app, node) in apps.ToArray())
            {
                if (app.DependsOn.FirstOrDefault(needed => _failures.Any(failure => failure.App == needed)) is { } needed)
                {
                    _failures.Add(Error($"app \"{app.Name}\": it depends on \"{needed}\", which cannot run", ValueOf(node, "depends_on") ?? node, app.Name, "depends_on"));
                    apps.Remove((app, node));
                }
            }
        }
    }

    private void CheckDependencies(List<(AppConfig App, ConfigNode Node)> apps)
    {
        var byName = apps.ToDictionary(entry => entry.App.Name, entry => entry.App.DependsOn);
        foreach (var (app, node) in apps)
        {
            var place = ValueOf(node, "depends_on") ?? node;
            foreach (var needed in app.DependsOn.Where(needed => !byName.ContainsKey(needed)))
            {
                var hint = NearestName.Find(needed, byName.Keys) is { } near ? $"; did you mean \"{near}\"?" : "";
                throw Error($"app \"{app.Name}\": depends_on names \"{needed}\", but there is no such application in this file{hint}", place, app.Name, "depends_on");
            }

            if (Cycle([app.Name], byName) is { } cycle)
            {
                throw Error($"app \"{app.Name}\": depends_on goes in a circle, so none could start first: {string.Join(" -> ", cycle)}", place, app.Name, "depends_on");
            }
        }
    }

    /// <summary>The way from the first name back to it; null when there is none.</summary>
    private static List<string>? Cycle(List<string> way, Dictionary<string, IReadOnlyList<string>> byName)
    {
        foreach (var next in byName[way[^1]].Where(byName.ContainsKey))
        {
            if (next == way[0])
            {
                return [.. way, next];
            }

            if (!way.Contains(next) && Cycle([.. way, next], byName) is { } cycle)
            {
                return cycle;
            }
        }

        return null;
    }

    private string At(ConfigMember member, string text) => hasLines ? $"{file}:{member.Line}:{member.Column}: {text}" : $"{file}: {text}";

    private ProcessFileException Error(string message, ConfigNode node, string? app, string? key) =>
        new(message, file, hasLines ? node.Line : 0, hasLines ? node.Column : 0, app, key);
}
