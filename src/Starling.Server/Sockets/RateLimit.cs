namespace Starling.Server.Sockets;

/// <summary>
/// How many events may come: a token bucket. An event over the limit is not handled and gets an error as its acknowledgement; it counts
/// all the same: a client that goes on until it is more than a whole <see cref="Burst"/> over the limit is disconnected.
/// </summary>
/// <param name="PerSecond">Events per second in the long run. More than zero.</param>
/// <param name="Burst">The most events at once, after a pause. At least 1.</param>
public sealed record RateLimit(double PerSecond, int Burst)
{
    /// <summary>No limit.</summary>
    public static RateLimit None { get; } = new(double.PositiveInfinity, int.MaxValue);

    internal string? Error =>
        PerSecond is > 0 and <= double.PositiveInfinity && Burst >= 1 ? null
        : $"{PerSecond} per second with a burst of {Burst} is not a rate; PerSecond must be more than zero and Burst at least 1.";
}
