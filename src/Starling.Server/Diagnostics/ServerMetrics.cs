using System.Diagnostics.Metrics;
using Starling.Server.Sessions;

namespace Starling.Server.Diagnostics;

/// <summary>Counters of the real-time server, published under the meter <see cref="MeterName"/>. Thread-safe.</summary>
public sealed class ServerMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Starling.Server";

    private readonly Meter _meter;
    private readonly UpDownCounter<long> _sessions;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _upgrades;
    private readonly Counter<long> _disconnects;
    private readonly Counter<long> _messagesReceived;
    private readonly Counter<long> _bytesReceived;
    private readonly UpDownCounter<long> _sockets;
    private readonly Counter<long> _broadcasts;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _volatileDropped;
    private readonly Counter<long> _handlerErrors;
    private readonly Counter<long> _eventsRefused;

    /// <summary>Creates the instruments.</summary>
    /// <param name="factory">The application's meter factory.</param>
    public ServerMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _meter = factory.Create(MeterName);
        _sessions = _meter.CreateUpDownCounter<long>("starling.sessions", "{session}", "Open Engine.IO sessions.");
        _handshakes = _meter.CreateCounter<long>("starling.handshakes", "{handshake}", "Sessions opened, by transport.");
        _refusals = _meter.CreateCounter<long>("starling.refusals", "{request}", "Requests refused, by code of the error catalogue.");
        _upgrades = _meter.CreateCounter<long>("starling.upgrades", "{session}", "Sessions that moved from polling to WebSocket.");
        _disconnects = _meter.CreateCounter<long>("starling.disconnects", "{session}", "Sessions ended, by reason.");
        _messagesReceived = _meter.CreateCounter<long>("starling.messages.received", "{message}", "Messages received.");
        _bytesReceived = _meter.CreateCounter<long>("starling.messages.received.size", "By", "Bytes of messages received.");
        _sockets = _meter.CreateUpDownCounter<long>("starling.sockets", "{socket}", "Connected sockets, by namespace.");
        _broadcasts = _meter.CreateCounter<long>("starling.broadcasts", "{broadcast}", "Packets sent to many sockets.");
        _deliveries = _meter.CreateCounter<long>("starling.deliveries", "{packet}", "Packets of broadcasts handed to sessions.");
        _volatileDropped = _meter.CreateCounter<long>("starling.volatile.dropped", "{packet}", "Volatile packets dropped for busy clients.");
        _handlerErrors = _meter.CreateCounter<long>("starling.handler.errors", "{error}", "Event handlers that threw, by namespace.");
        _eventsRefused = _meter.CreateCounter<long>(
            "starling.events.refused", "{event}", "Events over a rate limit, by namespace and by what is limited: socket, event or user.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void SessionOpened(string transport)
    {
        _sessions.Add(1);
        _handshakes.Add(1, new KeyValuePair<string, object?>("transport", transport));
    }

    internal void SessionEnded(DisconnectReason reason)
    {
        _sessions.Add(-1);
        _disconnects.Add(1, new KeyValuePair<string, object?>("reason", reason.ToText()));
    }

    internal void SessionUpgraded() => _upgrades.Add(1);

    internal void Refused(EngineError error) => _refusals.Add(1, new KeyValuePair<string, object?>("code", error.Code));

    internal void MessageReceived(int bytes)
    {
        _messagesReceived.Add(1);
        _bytesReceived.Add(bytes);
    }

    internal void SocketConnected(string name) => _sockets.Add(1, new KeyValuePair<string, object?>("namespace", name));

    internal void SocketDisconnected(string name) => _sockets.Add(-1, new KeyValuePair<string, object?>("namespace", name));

    internal void Broadcast(int delivered, int dropped)
    {
        _broadcasts.Add(1);
        _deliveries.Add(delivered);
        VolatileDropped(dropped);
    }

    internal void VolatileDropped(int count)
    {
        if (count > 0)
        {
            _volatileDropped.Add(count);
        }
    }

    internal void EventRefused(string name, string scope) => _eventsRefused.Add(
        1, new KeyValuePair<string, object?>("namespace", name), new KeyValuePair<string, object?>("scope", scope));

    internal void HandlerFailed(string name) => _handlerErrors.Add(1, new KeyValuePair<string, object?>("namespace", name));
}
