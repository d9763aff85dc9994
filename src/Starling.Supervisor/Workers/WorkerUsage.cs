namespace Starling.Supervisor.Workers;

/// <summary>What a worker's process uses, as last looked at. Written by the monitor only.</summary>
internal sealed class WorkerUsage
{
    private int _pid;
    private TimeSpan _cpuTime;
    private long _timestamp;

    /// <summary>Resident memory in bytes.</summary>
    public long Memory { get; private set; }

    /// <summary>Share of one core, in percent, since the look before.</summary>
    public double Cpu { get; private set; }

    public void Update(int pid, long memory, TimeSpan cpuTime, long timestamp, TimeProvider time)
    {
        var elapsed = time.GetElapsedTime(_timestamp, timestamp);
        Cpu = pid == _pid && elapsed > TimeSpan.Zero ? Math.Round(100 * (cpuTime - _cpuTime) / elapsed, 1) : 0;
        (Memory, _pid, _cpuTime, _timestamp) = (memory, pid, cpuTime, timestamp);
    }
}
