namespace Starling.Supervisor.Configuration;

/// <summary>What is to run cannot be run as it was asked for; the message says what is wrong and what to do.</summary>
public class AppConfigException : Exception
{
    /// <summary>Makes one.</summary>
    public AppConfigException(string message, string? app = null, string? key = null, Exception? innerException = null)
        : base(message, innerException)
    {
        App = app;
        Key = key;
    }

    /// <summary>Name of the application; null where it is not known yet.</summary>
    public string? App { get; }

    /// <summary>Key of the process file whose value is wrong; null where it is none.</summary>
    public string? Key { get; }

    /// <summary>Whether this machine lacks the script, the folder or the interpreter. The configuration itself is valid.</summary>
    public bool IsMissing { get; init; }
}
