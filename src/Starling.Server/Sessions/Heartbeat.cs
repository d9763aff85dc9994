namespace Starling.Server.Sessions;

/// <summary>
/// Notices clients that are gone. In protocol 4 the server pings and the client has to answer; in protocol 3 the client pings.
/// The next ping is due one interval after the last answer, not on a fixed clock.
/// </summary>
internal sealed class Heartbeat(Session session, SessionHost host) : WheelTimer
{
    private bool _awaitingAnswer;
    private bool _heldUp;
    private volatile bool _handling;
    private int _waits;

    /// <summary>Whether nothing is read from the client because the application handles a message of it.</summary>
    public bool IsApplicationBusy => _handling || Volatile.Read(ref _waits) > 0;

    /// <summary>Starts, or starts anew because the client gave a sign of life.</summary>
    public void Restart()
    {
        _awaitingAnswer = session.ProtocolVersion == 3;
        host.Wheel.Schedule(this, _awaitingAnswer ? host.PingInterval + host.PingTimeout : host.PingInterval);
    }

    /// <summary>The application handles a message, and nothing more is read until it has.</summary>
    public void BeginMessage() => _handling = true;

    /// <summary>The message is handled.</summary>
    public void EndMessage()
    {
        if (_heldUp)
        {
            Extend();
        }

        _handling = false;
    }

    /// <summary>The message that has begun is waited for.</summary>
    public void BeginWait()
    {
        Interlocked.Increment(ref _waits);
        _handling = false;
    }

    /// <summary>The message that was waited for is handled.</summary>
    public void EndWait()
    {
        Extend();
        Interlocked.Decrement(ref _waits);
    }

    /// <summary>
    /// The client is read again after a pause. It gets the time for its answer anew: it was not read, so that the answer may be behind much else.
    /// </summary>
    public void Extend()
    {
        _heldUp = false;
        if (_awaitingAnswer && !session.IsClosed)
        {
            host.Wheel.Schedule(this, session.ProtocolVersion == 3 ? host.PingInterval + host.PingTimeout : host.PingTimeout);
        }
    }

    /// <summary>Whether the client's time to answer is over although the timer has not fired yet.</summary>
    public bool IsOver => _awaitingAnswer && !IsApplicationBusy && host.Wheel.IsOverdue(this);

    public void Stop() => host.Wheel.Cancel(this);

    internal override void Fire()
    {
        _heldUp = IsApplicationBusy;
        if (!_awaitingAnswer)
        {
            _awaitingAnswer = true;
            host.Wheel.ScheduleNext(this, host.PingTimeout);
            session.SendPing();
        }
        else if (_heldUp)
        {
            // The answer may lie unread because the application takes its time with earlier messages. The client must hear of us all the
            // same: it would take the connection for dead otherwise.
            host.Wheel.Schedule(this, host.PingTimeout);
            if (session.ProtocolVersion == 4)
            {
                session.SendPing();
            }
        }
        else
        {
            session.CloseSoon(DisconnectReason.PingTimeout);
        }
    }
}
