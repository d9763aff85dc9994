using Starling.Supervisor;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>The applications that process files name, as commands use them.</summary>
internal static class ApplicationFiles
{
    /// <summary>The word for a process file on standard input.</summary>
    private const string StandardInput = "-";

    /// <summary>Files that <c>start</c> takes when no file is named.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["ecosystem.config.js", "ecosystem.config.cjs", "ecosystem.config.mjs", "ecosystem.json"];

    public static bool IsFile(string word) => word == StandardInput || ProcessFile.IsProcessFile(word);

    /// <summary>Reads the applications of a file. Warnings go to standard error.</summary>
    /// <param name="file">Path of the file, or <c>-</c> for standard input.</param>
    /// <param name="only">Names of the wanted applications; empty for all.</param>
    /// <param name="environment">Name of the chosen environment; null for none.</param>
    /// <exception cref="ProcessFileException">The file cannot be read or is invalid.</exception>
    /// <exception cref="SupervisorException">The file does not have one of the wanted applications.</exception>
    public static IReadOnlyList<AppConfig> Read(string file, string[] only, string? environment)
    {
        var result = file == StandardInput
            ? ProcessFile.Parse(Console.In.ReadToEnd(), Environment.CurrentDirectory, "standard input")
            : ProcessFile.Read(file, environment);
        foreach (var warning in result.Warnings)
        {
            Console.Error.WriteLine("warning: " + warning);
        }

        if (environment is not null && !result.Apps.Any(app => app.EnvironmentEnv.ContainsKey(environment)))
        {
            Console.Error.WriteLine($"warning: no application of {file} has env_{environment}, so --env {environment} chooses nothing");
        }

        // PM2 also takes several names with commas between them.
        string[] wanted = [.. only.SelectMany(names => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        return wanted.FirstOrDefault(name => result.Apps.All(app => app.Name != name && app.Namespace != name)) is { } unknown
            ? throw new SupervisorException($"{file} has no application '{unknown}'. It has {string.Join(", ", result.Apps.Select(app => app.Name))}.")
            : wanted.Length == 0 ? result.Apps : [.. result.Apps.Where(app => wanted.Contains(app.Name) || wanted.Contains(app.Namespace))];
    }

    /// <summary>Reads the applications of a file with the variables of this shell.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<WorkerGroupRecord> Records(string file, string[] only, string? environment) =>
        [.. Read(file, only, environment).Select(config => new WorkerGroupRecord(config, SelfProgram.Variables(), environment))];

    /// <summary>Replaces each process file among words by the names of its applications that are in the list.</summary>
    /// <exception cref="SupervisorException">None of the applications of a file is in the list.</exception>
    public static async Task<IReadOnlyList<string>> TargetsAsync(ISupervisor supervisor, IEnumerable<string> words, string[] only, CancellationToken cancellationToken)
    {
        var targets = new List<string>();
        HashSet<string>? present = null;
        foreach (var word in words)
        {
            if (!IsFile(word))
            {
                targets.Add(word);
                continue;
            }

            present ??= [.. (await supervisor.ListAsync(cancellationToken)).Select(worker => worker.Name)];
            var names = Read(word, only, null).Select(app => app.Name).ToArray();
            var found = names.Where(present.Contains).ToArray();
            targets.AddRange(found.Length > 0 ? found : throw new SupervisorException($"No application of {word} is in the list ({string.Join(", ", names)})."));
        }

        return [.. targets.Distinct()];
    }
}
