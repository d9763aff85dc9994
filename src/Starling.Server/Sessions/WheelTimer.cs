namespace Starling.Server.Sessions;

/// <summary>One time-out on a <see cref="TimerWheel"/>. The links belong to the wheel and are touched under its lock only.</summary>
/// <param name="elapsed">Runs when the time is up; must be quick and must not throw.</param>
internal sealed class WheelTimer(Action elapsed)
{
    internal WheelTimer? Next { get; set; }

    internal WheelTimer? Previous { get; set; }

    internal long DueTick { get; set; }

    internal bool IsScheduled { get; set; }

    internal void Fire() => elapsed();
}
