namespace Starling.Server.Sessions;

/// <summary>
/// Notices clients that are gone. In protocol 4 the server pings and the client has to answer; in protocol 3 the client pings.
/// The next ping is due one interval after the last answer, not on a fixed clock.
/// </summary>
internal sealed class Heartbeat
{
    private readonly Session _session;
    private readonly TimerWheel _wheel;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _timeout;
    private readonly WheelTimer _timer;
    private bool _awaitingAnswer;

    public Heartbeat(Session session, TimerWheel wheel, TimeSpan interval, TimeSpan timeout)
    {
        _session = session;
        _wheel = wheel;
        _interval = interval;
        _timeout = timeout;
        _timer = new WheelTimer(Elapsed);
    }

    /// <summary>Starts, or starts anew because the client gave a sign of life.</summary>
    public void Restart()
    {
        _awaitingAnswer = _session.ProtocolVersion == 3;
        _wheel.Schedule(_timer, _awaitingAnswer ? _interval + _timeout : _interval);
    }

    public void Stop() => _wheel.Cancel(_timer);

    private void Elapsed()
    {
        if (!_awaitingAnswer)
        {
            _awaitingAnswer = true;
            _wheel.Schedule(_timer, _timeout);
            _session.SendPing();
        }
        else if (_session.IsApplicationBusy)
        {
            // The answer may lie unread because the application takes its time with earlier messages.
            _wheel.Schedule(_timer, _timeout);
        }
        else
        {
            _session.Close(DisconnectReason.PingTimeout);
        }
    }
}
