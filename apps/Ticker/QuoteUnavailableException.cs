namespace Starling.Apps.Ticker;

/// <summary>The source of quotes fails for now; the message may be shown to users.</summary>
public sealed class QuoteUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, for users.</param>
    /// <param name="innerException">Why.</param>
    public QuoteUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public QuoteUnavailableException()
        : this("The source of quotes does not answer.")
    {
    }
}
