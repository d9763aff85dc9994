using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Logs;

/// <summary>The files that the output of a process is written to; null for none.</summary>
/// <param name="Out">File of the standard output.</param>
/// <param name="Error">File of the standard error.</param>
/// <param name="Combined">File of both.</param>
public sealed record LogPaths(string? Out, string? Error, string? Combined)
{
    /// <summary>The files of a process, as its application asks for them.</summary>
    /// <param name="app">The application.</param>
    /// <param name="processId">Number of the process in the list of all, which is part of the name where files are not merged.</param>
    /// <param name="folder">Folder of files that the application does not name; absolute.</param>
    public static LogPaths Of(AppConfig app, int processId, string folder)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(folder);
        if (app.Log.Disabled)
        {
            return new LogPaths(null, null, null);
        }

        var name = string.Concat(app.Name.Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' ? character : '-'));
        return new LogPaths(
            Numbered(app.Log.OutFile ?? Path.Combine(folder, name + "-out.log"), app.Log, processId),
            Numbered(app.Log.ErrorFile ?? Path.Combine(folder, name + "-error.log"), app.Log, processId),
            Numbered(app.Log.CombinedFile ?? (app.Log.Combined ? Path.Combine(folder, name + ".log") : LogConfig.NoFile), app.Log, processId));
    }

    // As in PM2, only names that end in .log get a number.
    private static string? Numbered(string path, LogConfig log, int processId)
    {
        const string Extension = ".log";
        return path == LogConfig.NoFile ? null
            : log.Merge || !path.EndsWith(Extension, StringComparison.Ordinal) ? path
            : $"{path[..^Extension.Length]}-{processId}{Extension}";
    }
}
