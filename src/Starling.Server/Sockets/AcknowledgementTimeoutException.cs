namespace Starling.Server.Sockets;

/// <summary>Not every client has acknowledged an event in time.</summary>
/// <typeparam name="TResult">What the clients answer with.</typeparam>
/// <param name="answers">The answers that came.</param>
/// <param name="missing">How many did not.</param>
public sealed class AcknowledgementTimeoutException<TResult>(IReadOnlyList<TResult?> answers, int missing)
    : TimeoutException($"{missing} of {answers.Count + missing} clients have not acknowledged the event in time.")
{
    /// <summary>The answers that came, in no particular order.</summary>
    public IReadOnlyList<TResult?> Answers { get; } = answers;

    /// <summary>How many clients have not answered.</summary>
    public int Missing { get; } = missing;
}
