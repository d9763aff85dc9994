namespace Starling.Supervisor.Health;

/// <summary>What becomes of a process that ended.</summary>
public enum RestartAction
{
    /// <summary>It is started again, after <see cref="RestartDecision.Delay"/>.</summary>
    Restart,

    /// <summary>It stays as it is, as somebody wanted.</summary>
    Stopped,

    /// <summary>It is given up, because it ends again and again.</summary>
    Errored,
}
