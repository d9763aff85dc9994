namespace Starling.Supervisor.Health;

/// <summary>Share of a processor that a process uses, from one reading to the next. One for each worker. Not safe for use by several threads.</summary>
public sealed class CpuMeter(TimeProvider time)
{
    private ProcessUsage _last;
    private long _at;

    /// <summary>The share since the last call, in percent of one processor (200 is two processors); 0 at the first one, and when the process is another.</summary>
    public double Percent(ProcessUsage usage)
    {
        var now = time.GetTimestamp();
        var elapsed = time.GetElapsedTime(_at, now);
        var isSame = _at != 0 && _last.StartTime == usage.StartTime && elapsed > TimeSpan.Zero;
        var used = usage.CpuTime - _last.CpuTime;
        (_last, _at) = (usage, now);
        return isSame && used > TimeSpan.Zero ? used / elapsed * 100 : 0;
    }
}
