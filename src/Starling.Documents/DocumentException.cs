namespace Starling.Documents;

/// <summary>A request about a document that is refused. Code and message are what a client is told.</summary>
public sealed class DocumentException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of <see cref="DocumentErrors"/>, or a code of the application.</param>
    /// <param name="message">What is wrong, for the one who asked.</param>
    public DocumentException(string code, string message)
        : base(message)
    {
        Code = code;
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="code">One of <see cref="DocumentErrors"/>, or a code of the application.</param>
    /// <param name="message">What is wrong, for the one who asked.</param>
    /// <param name="innerException">Why.</param>
    public DocumentException(string code, string message, Exception innerException)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>Creates the exception for an error that has no code.</summary>
    /// <param name="message">What is wrong.</param>
    public DocumentException(string message)
        : this(DocumentErrors.Unknown, message)
    {
    }

    /// <summary>Creates the exception for an error that has no code.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">Why.</param>
    public DocumentException(string message, Exception innerException)
        : this(DocumentErrors.Unknown, message, innerException)
    {
    }

    /// <summary>Creates the exception for an error that has no code and no description.</summary>
    public DocumentException()
        : this(DocumentErrors.Unknown, "Unknown error")
    {
    }

    /// <summary>The code; stable, for programs.</summary>
    public string Code { get; }
}
