namespace Starling.LoadGenerator.Workloads;

/// <summary>What all event loops of a run are doing.</summary>
internal enum RunPhase
{
    /// <summary>Connections are being made; nothing else is sent.</summary>
    Connecting,

    /// <summary>The closed loops turn.</summary>
    Running,

    /// <summary>Nothing new is sent; what is under way arrives.</summary>
    Draining,

    /// <summary>Loops end.</summary>
    Stopped,
}
