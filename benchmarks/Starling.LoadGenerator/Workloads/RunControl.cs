namespace Starling.LoadGenerator.Workloads;

/// <summary>Told by the thread that measures, read by every event loop between two batches of events.</summary>
internal sealed class RunControl
{
    private volatile RunPhase _phase;
    private volatile bool _measuring;

    public RunPhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    /// <summary>Whether latencies are recorded at present.</summary>
    public bool Measuring
    {
        get => _measuring;
        set => _measuring = value;
    }
}
