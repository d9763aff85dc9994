using Starling.Protocol.EngineIo;
using Starling.Server.Sessions;

namespace Starling.Server.Transports;

/// <summary>
/// The dance by which a session moves from polling to a WebSocket: the client probes the new connection, stops polling, and says that
/// it has moved. Whatever goes wrong closes the new connection only; the session goes on by polling.
/// </summary>
internal sealed class UpgradeProbe : IFrameReceiver
{
    private static readonly TimeSpan ReleaseInterval = TimeSpan.FromMilliseconds(100);

    private readonly Session _session;
    private readonly PollingTransport _polling;
    private readonly TimerWheel _wheel;
    private readonly WheelTimer _timeout;
    private readonly WheelTimer _release;
    private volatile bool _probed;
    private volatile bool _ended;

    public UpgradeProbe(Session session, PollingTransport polling, WebSocketTransport candidate, TimerWheel wheel, TimeSpan timeout)
    {
        _session = session;
        _polling = polling;
        _wheel = wheel;
        _timeout = new WheelTimer(() => Fail(candidate));
        _release = new WheelTimer(ReleasePolls);
        wheel.Schedule(_timeout, timeout);
    }

    public ValueTask OnPacketAsync(WebSocketTransport transport, Packet packet)
    {
        if (packet.Type == PacketType.Ping && !_probed && packet.Data.Span.SequenceEqual("probe"u8))
        {
            transport.SendPacket(PacketType.Pong, "probe"u8);
            _probed = true;
            ReleasePolls();
        }
        else if (packet.Type == PacketType.Upgrade && _probed && !_ended)
        {
            Stop();
            _session.CompleteUpgrade(transport);
        }
        else
        {
            Fail(transport);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask OnMalformedAsync(WebSocketTransport transport)
    {
        Fail(transport);
        return ValueTask.CompletedTask;
    }

    public void OnSlowClient(WebSocketTransport transport) => Fail(transport);

    public void OnTransportClosed(WebSocketTransport transport, DisconnectReason reason)
    {
        Stop();
        _session.AbandonUpgrade();
    }

    private void ReleasePolls()
    {
        if (!_ended)
        {
            _polling.ReleasePoll();
            _wheel.Schedule(_release, ReleaseInterval);
        }
    }

    private void Fail(WebSocketTransport transport)
    {
        Stop();
        transport.Close();
    }

    private void Stop()
    {
        _ended = true;
        _wheel.Cancel(_timeout);
        _wheel.Cancel(_release);
    }
}
