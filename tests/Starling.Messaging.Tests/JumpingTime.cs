namespace Starling.Messaging.Tests;

/// <summary>The system's clock, which can leap as it does for a process that was stopped: no timer fires meanwhile. Thread-safe.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _offset;

    public override long GetTimestamp() => System.GetTimestamp() + Volatile.Read(ref _offset);

    public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, (long)(by.TotalSeconds * TimestampFrequency));
}
