namespace Starling.Apps.Exchange;

/// <summary>Something that was asked for and is refused.</summary>
/// <param name="code">For programs: one word, such as <c>unknown-symbol</c>.</param>
/// <param name="message">For people: what is wrong, in one line.</param>
public sealed class ExchangeException(string code, string message) : Exception(message)
{
    /// <summary>For programs: one word, such as <c>unknown-symbol</c>.</summary>
    public string Code { get; } = code;
}
