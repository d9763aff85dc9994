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

    /// <summary>Reads the applications of a file. Warnings, and errors of applications that cannot run, go to standard error.</summary>
    /// <param name="file">Path of the file, or <c>-</c> for standard input.</param>
    /// <param name="only">Names of the wanted applications; empty for all.</param>
    /// <param name="environment">Name of the chosen environment; null for none.</param>
    /// <returns>The applications, and whether all of the wanted ones can run.</returns>
    /// <exception cref="ProcessFileException">The file cannot be read or is invalid.</exception>
    /// <exception cref="SupervisorException">The file does not have one of the wanted applications.</exception>
    private static (IReadOnlyList<AppConfig> Apps, bool AreAll) Read(string file, string[] only, string? environment)
    {
        var result = Parse(file, environment);
        foreach (var warning in result.Warnings)
        {
            Console.Error.WriteLine("warning: " + warning);
        }

        if (environment is not null && !result.Apps.Any(app => app.EnvironmentEnv.ContainsKey(environment)))
        {
            Console.Error.WriteLine($"warning: no application of {file} has env_{environment}, so --env {environment} chooses nothing");
        }

        var wanted = Wanted(file, only, result);
        var failures = result.Failures.Where(failure => wanted is [] || wanted.Contains(failure.App)).ToArray();
        foreach (var failure in failures)
        {
            Console.Error.WriteLine("error: " + failure.Message);
        }

        return (wanted is [] ? result.Apps : [.. result.Apps.Where(app => wanted.Contains(app.Name) || wanted.Contains(app.Namespace))], failures.Length == 0);
    }

    /// <summary>The names of a file's applications, those that cannot run among them.</summary>
    /// <inheritdoc cref="Read"/>
    private static IReadOnlyList<string> Names(string file, string[] only)
    {
        var result = Parse(file, null);
        var wanted = Wanted(file, only, result);
        return
        [
            .. result.Apps.Where(app => wanted is [] || wanted.Contains(app.Name) || wanted.Contains(app.Namespace)).Select(app => app.Name),
            .. result.Failures.Select(failure => failure.App!).Where(name => wanted is [] || wanted.Contains(name)),
        ];
    }

    private static ProcessFileResult Parse(string file, string? environment) => file == StandardInput
        ? ProcessFile.Parse(Console.In.ReadToEnd(), Environment.CurrentDirectory, "standard input", allowMissing: true)
        : ProcessFile.Read(file, environment, allowMissing: true);

    /// <summary>The names that <c>--only</c> chooses; PM2 also takes several with commas between them.</summary>
    private static string[] Wanted(string file, string[] only, ProcessFileResult result)
    {
        string[] wanted = [.. only.SelectMany(names => names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        return wanted.FirstOrDefault(name => result.Apps.All(app => app.Name != name && app.Namespace != name) && result.Failures.All(failure => failure.App != name)) is { } unknown
            ? throw new SupervisorException($"{file} has no application '{unknown}'. It has {string.Join(", ", result.Apps.Select(app => app.Name))}.")
            : wanted;
    }

    /// <summary>Reads the applications of a file with the variables of this shell.</summary>
    /// <inheritdoc cref="Read"/>
    public static (IReadOnlyList<WorkerGroupRecord> Records, bool AreAll) Records(string file, string[] only, string? environment)
    {
        var (apps, areAll) = Read(file, only, environment);
        return ([.. apps.Select(config => new WorkerGroupRecord(config, SelfProgram.Variables(), environment))], areAll);
    }

    /// <summary>Reads the applications of several files with the variables of this shell.</summary>
    /// <inheritdoc cref="Read"/>
    public static (WorkerGroupRecord[] Records, bool AreAll) Records(IEnumerable<string> files, string[] only, string? environment)
    {
        var read = files.Select(file => Records(file, only, environment)).ToArray();
        return ([.. read.SelectMany(file => file.Records)], read.All(file => file.AreAll));
    }

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
            var names = Names(word, only);
            var found = names.Where(present.Contains).ToArray();
            targets.AddRange(found.Length > 0 ? found : throw new SupervisorException($"No application of {word} is in the list ({string.Join(", ", names)})."));
        }

        return [.. targets.Distinct()];
    }
}
