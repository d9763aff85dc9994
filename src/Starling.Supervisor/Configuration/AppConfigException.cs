namespace Starling.Supervisor.Configuration;

/// <summary>What is to run cannot be run as it was asked for; the message says what is wrong and what to do.</summary>
public class AppConfigException : Exception
{
    /// <summary>Makes one.</summary>
    public AppConfigException(string message, string? app = null, string? key = null)
        : base(message)
    {
        App = app;
        Key = key;
    }

    /// <summary>Name of the application; null where it is not known yet.</summary>
    public string? App { get; }

    /// <summary>Key of the process file whose value is wrong; null where it is none.</summary>
    public string? Key { get; }
}
