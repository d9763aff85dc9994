namespace Starling.Supervisor.Spawning;

/// <summary>A process could not be started; the message says why and what to do.</summary>
public sealed class SpawnException : IOException
{
    /// <summary>Makes the exception.</summary>
    public SpawnException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with its cause.</summary>
    public SpawnException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the system lacked something that it may have again soon, such as free descriptors: the same start may succeed later.</summary>
    internal bool IsTemporary { get; init; }

    /// <summary>Makes an exception that says nothing.</summary>
    public SpawnException()
    {
    }
}
