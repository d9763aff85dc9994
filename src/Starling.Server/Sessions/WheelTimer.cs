namespace Starling.Server.Sessions;

/// <summary>One time-out on a <see cref="TimerWheel"/>. The links belong to the wheel and are touched under its lock only.</summary>
/// <param name="elapsed">Runs when the time is up; must be quick and must not throw. Null if <see cref="Fire"/> is overridden.</param>
internal class WheelTimer(Action? elapsed = null)
{
    internal WheelTimer? Next { get; set; }

    internal WheelTimer? Previous { get; set; }

    /// <summary>When it fires, or has fired, by the clock of its wheel.</summary>
    internal TimeSpan Due { get; set; }

    internal ushort Slot { get; set; }

    internal bool IsScheduled { get; set; }

    /// <summary>Whether it fires at its time and not somewhat earlier.</summary>
    internal bool IsExact { get; set; }

    internal virtual void Fire() => elapsed?.Invoke();
}
