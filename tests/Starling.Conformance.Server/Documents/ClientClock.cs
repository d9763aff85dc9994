namespace Starling.Conformance.Server.Documents;

/// <summary>The system's clock, but for the date, which the tests of a client may set.</summary>
internal sealed class ClientClock : TimeProvider
{
    private long _now;

    /// <summary>Sets the date, in milliseconds since 1970.</summary>
    public void Set(long now) => Volatile.Write(ref _now, now);

    public override DateTimeOffset GetUtcNow() =>
        Volatile.Read(ref _now) is var now and not 0 ? DateTimeOffset.FromUnixTimeMilliseconds(now) : base.GetUtcNow();
}
