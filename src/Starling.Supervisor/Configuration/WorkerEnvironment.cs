using System.Globalization;

namespace Starling.Supervisor.Configuration;

/// <summary>The environment variables that a process gets.</summary>
public static class WorkerEnvironment
{
    // What a parent says to its child by variables; a child of ours would take what was meant for us for its own.
    private static readonly string[] OfOurParent =
        ["NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE", "NODE_UNIQUE_ID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "STARLING_FDS", "STARLING_CONNECTIONS", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", SupervisorFolder.WorkerVariable];

    /// <summary>Puts them together: those of the starter without the filtered ones, those of the application, those of the chosen environment, the number of the process.</summary>
    /// <param name="app">The application.</param>
    /// <param name="baseEnvironment">Variables of the person who started it.</param>
    /// <param name="environment">Name of the chosen environment (<c>production</c> for <c>env_production</c>); null for none. One that the application does not have adds nothing.</param>
    /// <param name="instance">Number of the process within its application, from 0.</param>
    /// <param name="processId">Number of the process in the list of all.</param>
    public static Dictionary<string, string> Of(AppConfig app, IReadOnlyDictionary<string, string> baseEnvironment, string? environment, int instance, int processId)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(baseEnvironment);
        var variables = new Dictionary<string, string>();
        foreach (var (name, value) in baseEnvironment)
        {
            // The cluster of the worker from inside of which the application was started; in any other case the starter chose it.
            var isOfWorker = name == SupervisorFolder.ClusterVariable && baseEnvironment.ContainsKey(SupervisorFolder.WorkerVariable);
            if (!isOfWorker && !OfOurParent.Contains(name) && !app.FilterEnv.Any(filter => IsFiltered(name, filter)))
            {
                variables[name] = value;
            }
        }

        Add(variables, app.Env);
        if (environment is not null && app.EnvironmentEnv.TryGetValue(environment, out var chosen))
        {
            Add(variables, chosen);
        }

        if (app.IncrementVar is { } counted)
        {
            var first = long.TryParse(variables.GetValueOrDefault(counted), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var start) ? start : 0;
            variables[counted] = (first + instance).ToString(CultureInfo.InvariantCulture);
        }

        variables[app.InstanceVar] = instance.ToString(CultureInfo.InvariantCulture);
        variables["name"] = app.Name;
        variables["namespace"] = app.Namespace;
        variables["pm_id"] = processId.ToString(CultureInfo.InvariantCulture);
        return variables;
    }

    private static bool IsFiltered(string name, string filter) => filter switch
    {
        "*" => true,
        ['=', .. var whole] => name == whole,
        _ => name.Contains(filter, StringComparison.Ordinal),
    };

    private static void Add(Dictionary<string, string> variables, IReadOnlyDictionary<string, string> added)
    {
        foreach (var (name, value) in added)
        {
            variables[name] = value;
        }
    }
}
