using Starling.Supervisor.Configuration.Syntax;

namespace Starling.Supervisor.Configuration;

/// <summary>A process file that cannot be used; the message begins with the place (<c>process.json:12:5</c>) and says what is wrong and what to do.</summary>
public sealed class ProcessFileException : AppConfigException
{
    /// <summary>Makes one.</summary>
    public ProcessFileException(string message, string file, int line = 0, int column = 0, string? app = null, string? key = null)
        : base(line > 0 ? $"{file}:{line}:{column}: {message}" : $"{file}: {message}", app, key)
    {
        File = file;
        Line = line;
        Column = column;
    }

    internal ProcessFileException(string message, string file, ConfigSyntaxException error)
        : base($"{file}:{error.Line}:{error.Column}: {message}", innerException: error)
    {
        File = file;
        Line = error.Line;
        Column = error.Column;
    }

    /// <summary>Name of the file, as it was given.</summary>
    public string File { get; }

    /// <summary>Line, from 1; 0 where the whole file is meant, or where the file is a script.</summary>
    public int Line { get; }

    /// <summary>Column in characters, from 1; 0 without a line.</summary>
    public int Column { get; }
}
