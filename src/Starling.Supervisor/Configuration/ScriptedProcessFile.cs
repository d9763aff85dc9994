using System.Diagnostics;

namespace Starling.Supervisor.Configuration;

/// <summary>Process files that are scripts of Node: what they export, as JSON.</summary>
internal static class ScriptedProcessFile
{
    private const string Mark = "\u0001starling:";

    // What the script itself prints goes to the standard error; regular expressions, which JSON has none of, keep their text.
    private const string Program = """
        console.log = console.info = console.debug = console.error;
        import(require('node:url').pathToFileURL(process.argv[1]).href).then(async (loaded) => {
          let value = loaded.default ?? loaded;
          if (typeof value === 'function') value = value();
          value = await value;
          const json = JSON.stringify(value, (_, part) => part instanceof RegExp ? 'regex:' + part.source : part);
          require('node:fs').writeSync(1, '\u0001starling:' + (json ?? 'null'));
          process.exit(0);
        }).catch((error) => { console.error(error?.stack ?? String(error)); process.exit(1); });
        """;

    // As PM2 reads a .json file: one expression, without modules.
    private const string Expression = """
        console.log = console.info = console.debug = console.error;
        const { readFileSync, writeSync } = require('node:fs');
        const value = require('node:vm').runInThisContext('(' + readFileSync(process.argv[1], 'utf8') + ')', { filename: process.argv[1] });
        writeSync(1, '\u0001starling:' + (JSON.stringify(value, (_, part) => part instanceof RegExp ? 'regex:' + part.source : part) ?? 'null'));
        process.exit(0);
        """;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(15);

    /// <exception cref="ProcessFileException">There is no Node, or the script fails, exports nothing or does not end.</exception>
    public static string Run(string path)
    {
        if (!File.Exists(path))
        {
            throw new ProcessFileException("there is no such file", path);
        }

        var node = ProgramSearch.Find("node")
            ?? throw new ProcessFileException("this file is a script, and Node, which would run it, is not in PATH: install Node, or write the file as JSON", path);
        return Run(node, Program, path);
    }

    /// <summary>Evaluates a <c>.json</c> file that has an expression of JavaScript in it, as PM2 does; null if it is not one, or Node is missing.</summary>
    public static string? TryEvaluate(string path)
    {
        try
        {
            return ProgramSearch.Find("node") is { } node ? Run(node, Expression, path) : null;
        }
        catch (ProcessFileException)
        {
            return null;
        }
    }

    private static string Run(string node, string program, string path)
    {
        var start = new ProcessStartInfo(node, ["-e", program, Path.GetFullPath(path)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start) ?? throw new ProcessFileException("Node could not be started", path);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeLimit) || !Task.WaitAll([output, errors], TimeLimit))
        {
            process.Kill(entireProcessTree: true);
            throw new ProcessFileException($"the script did not end within {TimeLimit.TotalSeconds} s: it may only export a value, not start anything", path);
        }

        return Exported(output.Result, errors.Result, path);
    }

    private static string Exported(string output, string errors, string path)
    {
        var mark = output.LastIndexOf(Mark, StringComparison.Ordinal);
        if (mark < 0)
        {
            var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var reason = lines.FirstOrDefault(line => line.Contains("Error", StringComparison.Ordinal)) ?? lines.FirstOrDefault() ?? "it ended without a value";
            throw new ProcessFileException($"the script failed: {reason}", path, app: null);
        }

        var json = output[(mark + Mark.Length)..];
        return json is "null" or "{}"
            ? throw new ProcessFileException("the script exports nothing: set module.exports = { apps: [...] }", path)
            : json;
    }
}
