namespace Starling.Supervisor.Configuration;

/// <summary>A check, made again and again, that a process is alive.</summary>
public sealed record LivenessConfig
{
    /// <summary>
    /// What is asked: an <c>http://</c> address that has to answer with a status below 400, or <c>tcp://host:port</c> that has to accept a connection.
    /// <c>{NAME}</c> stands for the process's environment variable of that name.
    /// </summary>
    public required string Url { get; init; }

    /// <summary>Time between two checks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Failures in a row after which the process is restarted.</summary>
    public int Failures { get; init; } = 3;
}
