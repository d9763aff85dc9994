namespace Starling.Ot;

/// <summary>A snapshot, operation or presence that a type refuses. The message says what is wrong with it and may be shown to its sender.</summary>
public sealed class OtException : Exception
{
    /// <summary>Whether the document would become too large, and nothing else is wrong.</summary>
    public bool IsTooLarge { get; init; }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    public OtException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">Why.</param>
    public OtException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public OtException()
    {
    }
}
