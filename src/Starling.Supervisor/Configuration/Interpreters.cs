using System.Buffers;

namespace Starling.Supervisor.Configuration;

/// <summary>Which program runs a script.</summary>
internal static class Interpreters
{
    private const string NotInPath = "it is not in PATH: install it, or give its path";

    /// <summary>
    /// The configuration with full paths instead of the names of programs, and with the interpreter that the script needs. So the same programs run after
    /// <c>save</c> and <c>resurrect</c>, whatever the supervisor's own PATH is.
    /// </summary>
    /// <param name="app">The configuration.</param>
    /// <param name="path">The variable PATH of the person who starts it; null when there is none.</param>
    /// <exception cref="AppConfigException">A program is not in PATH.</exception>
    public static AppConfig Complete(AppConfig app, string? path)
    {
        var script = ProgramSearch.Find(app.Script, path) ?? app.Script;
        return app with
        {
            Script = script,
            Interpreter = app.Interpreter switch
            {
                AppConfig.NoInterpreter => AppConfig.NoInterpreter,
                null => For(script, app.Name, path) is { } found ? ProgramSearch.Find(found, path) : null,
                var named when named.Contains('/') => named,
                var named => ProgramSearch.Find(named, path) ?? throw Missing(named, app.Name, NotInPath),
            },
        };
    }

    /// <summary>The interpreter that was asked for, as it can be started; <see cref="AppConfig.NoInterpreter"/> for none.</summary>
    public static string Chosen(string interpreter, string cwd, string app)
    {
        if (interpreter == AppConfig.NoInterpreter)
        {
            return interpreter;
        }

        if (interpreter.StartsWith("node@", StringComparison.Ordinal))
        {
            return OfNodeVersion(interpreter["node@".Length..], app);
        }

        if (interpreter.Contains('/'))
        {
            var path = Path.GetFullPath(interpreter, cwd);
            return ProgramSearch.IsExecutable(path) ? path : throw Missing(path, app, "there is no program at that path");
        }

        return ProgramSearch.Find(interpreter) is not null ? interpreter : throw Missing(interpreter, app, NotInPath);
    }

    /// <summary>The interpreter that a script needs by its extension or its content; null when it runs by itself.</summary>
    public static string? For(string script, string app, string? path = null)
    {
        var interpreter = Path.GetExtension(script) switch
        {
            ".js" or ".mjs" or ".cjs" => "node",
            ".ts" or ".tsx" => FirstOf(path, "bun", "tsx", "node"),
            ".sh" => "bash",
            ".py" => FirstOf(path, "python", "python3"),
            ".rb" => "ruby",
            ".php" => "php",
            ".pl" => "perl",
            ".coffee" => "coffee",
            ".ls" => "lsc",
            ".dll" => "dotnet",
            _ => ByContent(script),
        };
        return interpreter is null || ProgramSearch.Find(interpreter, path) is not null
            ? interpreter
            : throw Missing(interpreter, app, $"it is not in PATH, and {Path.GetFileName(script)} needs it: install it, or name another by \"interpreter\"");
    }

    public static bool IsNode(string? interpreter) =>
        interpreter is not null && Path.GetFileNameWithoutExtension(interpreter) is var name
        && (name.EndsWith("node", StringComparison.Ordinal) || name.EndsWith("bun", StringComparison.Ordinal));

    private static string FirstOf(string? path, params string[] names) => names.FirstOrDefault(name => ProgramSearch.Find(name, path) is not null) ?? names[0];

    // A text without a known extension is Node's, as in PM2, unless it names its own interpreter or may be run.
    private static string? ByContent(string script)
    {
        var start = Start(script);
        var isScript = start.AsSpan().StartsWith("#!"u8);
        if (isScript && start.AsSpan().IndexOf("node"u8) is >= 0 and var at && !start.AsSpan(0, at).Contains((byte)'\n'))
        {
            return "node";
        }

        return isScript || start.AsSpan().Contains((byte)0) || ProgramSearch.IsExecutable(script) ? null : "node";
    }

    private static byte[] Start(string script)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(512);
        try
        {
            using var file = File.OpenHandle(script);
            return buffer[..RandomAccess.Read(file, buffer, 0)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A program that may be run but not read.
            return [0];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string OfNodeVersion(string version, string app)
    {
        var folder = Environment.GetEnvironmentVariable("NVM_DIR");
        var path = folder is null ? null : Path.Combine(folder, "versions", "node", $"v{version}", "bin", "node");
        return path is not null && File.Exists(path)
            ? path
            : throw Missing($"node@{version}", app, $"no such version is installed by nvm{(folder is null ? ", whose folder NVM_DIR has to name" : $" in {folder}")}: install it, or give the path of a node");
    }

    private static AppConfigException Missing(string interpreter, string app, string why) =>
        new($"the interpreter \"{interpreter}\" cannot be run: {why}", app, "exec_interpreter") { IsMissing = true };
}
