namespace Starling.Server.Sessions;

/// <summary>
/// Notices clients that are gone. In protocol 4 the server pings and the client has to answer; in protocol 3 the client pings.
/// The next ping is due one interval after the last answer, not on a fixed clock.
/// </summary>
internal sealed class Heartbeat(Session session, SessionHost host) : WheelTimer
{
    private bool _awaitingAnswer;

    /// <summary>Starts, or starts anew because the client gave a sign of life.</summary>
    public void Restart()
    {
        _awaitingAnswer = session.ProtocolVersion == 3;
        host.Wheel.Schedule(this, _awaitingAnswer ? host.PingInterval + host.PingTimeout : host.PingInterval);
    }

    /// <summary>Gives the client the time for its answer again: it was not read, so that the answer may be behind much else.</summary>
    public void Extend()
    {
        if (_awaitingAnswer && !session.IsClosed)
        {
            host.Wheel.Schedule(this, session.ProtocolVersion == 3 ? host.PingInterval + host.PingTimeout : host.PingTimeout);
        }
    }

    /// <summary>Whether the client's time to answer is over although the timer has not fired yet.</summary>
    public bool IsOver => _awaitingAnswer && !session.IsApplicationBusy && host.Wheel.IsOverdue(this);

    public void Stop() => host.Wheel.Cancel(this);

    internal override void Fire()
    {
        if (!_awaitingAnswer)
        {
            _awaitingAnswer = true;
            host.Wheel.ScheduleNext(this, host.PingTimeout);
            session.SendPing();
        }
        else if (session.IsApplicationBusy)
        {
            // The answer may lie unread because the application takes its time with earlier messages.
            host.Wheel.Schedule(this, host.PingTimeout);
        }
        else
        {
            session.Close(DisconnectReason.PingTimeout);
        }
    }
}
