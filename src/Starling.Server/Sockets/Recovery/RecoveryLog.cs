using Starling.Server.Backplane;
using Starling.Server.Rooms;

namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// The packets and the lost sockets of the last minutes of one namespace: this node's own, or those that a node handed over when it stopped.
/// </summary>
/// <remarks>
/// Thread-safe. Packets have consecutive numbers, so that finding where a client stands is cheap. An offset also names the log that gave
/// it: one from before a restart is not taken for one of now. Lock order: <see cref="Order"/>, then everything else.
/// </remarks>
internal sealed class RecoveryLog
{
    // How long an event may be under way to one node while another one has it.
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _createdAt;
    private readonly TimeSpan _heartbeat;
    private readonly TimeSpan _keptFor;
    private readonly Lock _gate = new();
    private readonly PacketStore _packets;
    private readonly LostSockets _lost;
    private readonly OriginVector _vector = new();
    private readonly LateEvents _late = new();
    private long _sequence;
    private DateTimeOffset _prunedAt;

    /// <summary>Creates this node's own log.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="heartbeat">After how long a client that has answered nothing counts as lost.</param>
    /// <param name="time">The clock.</param>
    public RecoveryLog(ConnectionStateRecoveryOptions options, TimeSpan heartbeat, TimeProvider time)
        : this(Guid.NewGuid().ToString("N")[..8], firstNumber: 1, options, heartbeat, time)
    {
    }

    private RecoveryLog(string name, long firstNumber, ConnectionStateRecoveryOptions options, TimeSpan heartbeat, TimeProvider time)
    {
        Name = name;
        _time = time;
        _heartbeat = heartbeat;
        _keptFor = options.MaxDisconnectionDuration;
        _packets = new PacketStore(options.MaxStoredBytes, _keptFor + heartbeat, firstNumber);
        _lost = new LostSockets(options.LostSockets);
        _createdAt = _prunedAt = time.GetUtcNow();
    }

    /// <summary>Names this log in offsets, and its node as an origin of events.</summary>
    public string Name { get; }

    /// <summary>
    /// Held while a packet is stored, handed to the sockets and to the backplane, and while a socket comes or goes: clients must get packets
    /// in the order of their offsets, other nodes in the order of their positions, and a returning client each exactly once.
    /// </summary>
    public Lock Order { get; } = new();

    /// <summary>Whether it has sockets that may still be asked for.</summary>
    public bool HasLost
    {
        get
        {
            lock (_gate)
            {
                TrimLocked();
                return _lost.Count > 0;
            }
        }
    }

    /// <summary>How many bytes of packets it holds.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _packets.Bytes;
            }
        }
    }

    /// <summary>Makes the log that another node hands over.</summary>
    public static RecoveryLog Inherit(
        HandedOverLog handed, ConnectionStateRecoveryOptions options, TimeSpan heartbeat, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var log = new RecoveryLog(handed.Name, handed.FirstNumber, options, heartbeat, time);
        foreach (var packet in handed.Packets)
        {
            log._packets.Add(packet.Number, packet.Event, packet.Target, packet.StoredAt);
        }

        log._packets.SetBounds(handed.NextNumber, handed.DroppedAt);
        foreach (var position in handed.Seen)
        {
            log._vector.Advance(position, now);
        }

        foreach (var lost in handed.Lost)
        {
            log.KeepForeign(lost, lost.Socket.Ticket.Standing, now);
        }

        return log;
    }

    /// <summary>The position of the next event that goes to other nodes. To be called under <see cref="Order"/>.</summary>
    public RecoveryPosition NextPosition() => new(Name, ++_sequence);

    /// <summary>Where the log stands now: a client that joins now has nothing to get of what is stored.</summary>
    public Standing Now()
    {
        lock (_gate)
        {
            return new Standing(_packets.NextNumber - 1, 0);
        }
    }

    /// <summary>Stores an event, and tells its offset and who is to get it.</summary>
    public (string Offset, BroadcastTarget Target) Append(StoredEvent stored, BroadcastTarget target)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            target = _late.Apply(target, stored.Position);
            if (stored.Position is { } position)
            {
                _vector.Advance(position, now);
            }

            var packet = _packets.Add(stored, target, now);
            TrimLocked();
            return (new Standing(packet.Number, 0).ToOffset(Name), packet.Target);
        }
    }

    /// <summary>Keeps a lost socket for its client's return.</summary>
    public void Keep(RecoveredSocket socket)
    {
        lock (_gate)
        {
            _lost.Add(socket);
            TrimLocked();
        }
    }

    /// <summary>Whether a socket is kept under this id.</summary>
    public bool Knows(string recoveryId)
    {
        lock (_gate)
        {
            return _lost.Contains(recoveryId);
        }
    }

    /// <summary>Whether a socket that is still connected could be recovered with this offset if it were lost now.</summary>
    public bool CanRecover(RecoveryTicket ticket, string? offset)
    {
        lock (_gate)
        {
            return Resolve(ticket, offset) is { } standing && AccountsFor(standing, ticket, _time.GetUtcNow());
        }
    }

    /// <summary>The lost socket that <see cref="Take"/> would give back now; and whether it is kept at all.</summary>
    public RecoveredSocket? Find(string recoveryId, string? offset, out bool isKnown)
    {
        lock (_gate)
        {
            isKnown = _lost.Contains(recoveryId);
            return FindLocked(recoveryId, offset, out var standing) is { } lost ? lost with { Missed = MissedBy(lost, standing) } : null;
        }
    }

    /// <summary>Gives a lost socket back, with the packets that it missed; null when it or one of them is no longer there.</summary>
    public RecoveredSocket? Take(string recoveryId, string? offset)
    {
        lock (_gate)
        {
            return TakeLocked(recoveryId, offset);
        }
    }

    /// <summary>Gives a lost socket to another log.</summary>
    public ReleasedSocket? Release(string recoveryId, string? offset)
    {
        lock (_gate)
        {
            return TakeLocked(recoveryId, offset) is { } socket ? new ReleasedSocket(socket, SeenBy(socket.Id)) : null;
        }
    }

    /// <summary>
    /// Takes a lost socket over from another log. What the other one had seen it has settled; behind that comes what only this one has seen.
    /// </summary>
    public void Adopt(ReleasedSocket released)
    {
        var socket = released.Socket;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            TrimLocked();
            var since = socket.Ticket.CreatedAt;
            var newer = _packets.NewerThan(_vector.NewerThan(released.Seen, since), released.Seen, since)
                .Where(packet => packet.IsFor(socket)).Select(static packet => new MissedEvent(packet.Event, "", []));

            // A number of its own: the client may have been here before, and its offsets of then must not mean events of now.
            var standing = new Standing(_packets.TakeNumber(), 0);
            KeepForeign(released with { Socket = socket with { Missed = [.. socket.Missed, .. newer] } }, standing, now);
        }
    }

    /// <summary>
    /// Adds to an inherited log what has come since its node has stopped: the next heir may not have been there when that was sent.
    /// </summary>
    public void ExtendFrom(RecoveryLog own)
    {
        lock (_gate)
        {
            foreach (var packet in own.PacketsSince(_vector.ToDictionary(), _createdAt - UnderWay))
            {
                var stored = new StoredEvent(packet.Event.Json, packet.Event.Attachments, packet.Event.Position);
                _packets.Add(_packets.NextNumber, stored, _late.Apply(packet.Target, stored.Position), packet.StoredAt);
                _vector.Advance(stored.Position!.Value, packet.StoredAt);
            }
        }
    }

    /// <summary>Takes out all lost sockets and what they may need, for another node.</summary>
    public HandedOverLog HandOver()
    {
        lock (_gate)
        {
            TrimLocked();
            var lost = _lost.TakeAll().Where(AccountsForPrelude)
                .Select(socket => new ReleasedSocket(WithPrelude(socket), Settled(socket.Id))).ToList();
            var rooms = lost.SelectMany(static item => item.Socket.Rooms).ToHashSet(StringComparer.Ordinal);
            var from = lost.Count == 0 ? 0 : lost.Min(static item => item.Socket.Ticket.Standing.Number);
            var packets = new List<StoredPacket>();
            foreach (var packet in lost.Count == 0 ? [] : _packets.After(from))
            {
                if (packet.Target.Rooms.Length == 0 || packet.Target.Rooms.Any(rooms.Contains))
                {
                    packets.Add(packet);
                }
            }

            var seen = _vector.ToDictionary().Select(static item => new RecoveryPosition(item.Key, item.Value));
            return new HandedOverLog(Name, _packets.FirstNumber, _packets.NextNumber, _packets.DroppedAt, packets, lost, [.. seen]);
        }
    }

    /// <summary>Drops the oldest packets until no more than so many bytes are left.</summary>
    public void TrimTo(long bytes)
    {
        lock (_gate)
        {
            _packets.Trim(DateTimeOffset.MinValue, bytes);
        }
    }

    private RecoveredSocket? FindLocked(string recoveryId, string? offset, out Standing standing)
    {
        TrimLocked();
        standing = default;
        if (_lost.Find(recoveryId) is not { } lost || lost.LostAt < _time.GetUtcNow() - _keptFor
            || Resolve(lost.Ticket, offset) is not { } found || !AccountsFor(found, lost.Ticket, lost.LostAt))
        {
            return null;
        }

        standing = found;
        return lost;
    }

    private RecoveredSocket? TakeLocked(string recoveryId, string? offset)
    {
        if (FindLocked(recoveryId, offset, out var standing) is not { } lost)
        {
            return null;
        }

        _lost.Remove(recoveryId);
        var prelude = lost.Ticket.Prelude?.Number == standing.Number ? lost.Ticket.Prelude : null;
        var ticket = new RecoveryTicket(recoveryId, offset, lost.Ticket.CreatedAt) { Standing = standing, Prelude = prelude };
        return lost with { Ticket = ticket, Missed = MissedBy(lost, standing) };
    }

    private List<MissedEvent> MissedBy(RecoveredSocket socket, Standing standing)
    {
        var missed = new List<MissedEvent>();
        if (socket.Ticket.Prelude is { Events: { } events } prelude && prelude.Number == standing.Number)
        {
            for (var i = standing.Index; i < events.Length; i++)
            {
                var offset = new Standing(standing.Number, i + 1).ToOffset(Name);
                var former = prelude.AdoptedAt <= socket.LostAt ? [.. events[i].FormerOffsets, offset] : events[i].FormerOffsets;
                missed.Add(new MissedEvent(events[i].Event, offset, former));
            }
        }

        foreach (var packet in _packets.After(standing.Number))
        {
            if (packet.IsFor(socket))
            {
                var offset = new Standing(packet.Number, 0).ToOffset(Name);
                missed.Add(new MissedEvent(packet.Event, offset, packet.StoredAt <= socket.LostAt ? [offset] : []));
            }
        }

        return missed;
    }

    private List<StoredPacket> PacketsSince(IReadOnlyDictionary<string, long> seen, DateTimeOffset since)
    {
        lock (_gate)
        {
            return _packets.NewerThan(_vector.NewerThan(seen, since), seen, since);
        }
    }

    private void KeepForeign(ReleasedSocket released, Standing standing, DateTimeOffset now)
    {
        var socket = released.Socket;
        foreach (var (origin, sequence) in released.Seen)
        {
            if (sequence > _vector[origin])
            {
                _late.Add(socket.Id, new RecoveryPosition(origin, sequence), now + _keptFor + _heartbeat);
            }
        }

        // Objects of its own: how often an event is held is counted by each log for itself.
        var events = socket.Missed.Select(static missed => missed with
        {
            Event = new StoredEvent(missed.Event.Json, missed.Event.Attachments, missed.Event.Position),
        });
        var prelude = socket.Missed.Count > 0 ? _packets.AddPrelude(standing.Number, events, now) : null;
        var ticket = new RecoveryTicket(socket.Ticket.Id, socket.Ticket.Offset, socket.Ticket.CreatedAt)
        {
            Standing = standing,
            Prelude = prelude,
        };
        _lost.Add(socket with { Ticket = ticket, Missed = [] });
    }

    private static RecoveredSocket WithPrelude(RecoveredSocket socket) => socket with
    {
        Missed = socket.Ticket.Prelude is { Events: { } events } prelude && prelude.Number == socket.Ticket.Standing.Number
            ? events : [],
    };

    private Standing? Resolve(RecoveryTicket ticket, string? offset)
    {
        if (offset == ticket.Offset)
        {
            return ticket.Standing;
        }

        var found = offset is null ? null : Standing.TryParse(Name, offset, out var own) ? own : ticket.Prelude?.Find(offset);
        return found is { } standing && !standing.IsBefore(ticket.Standing) && standing.Number < _packets.NextNumber ? standing : null;
    }

    // A packet that was sent a heartbeat or more before the connection was found dead has arrived, or was not for this client.
    private bool AccountsFor(Standing standing, RecoveryTicket ticket, DateTimeOffset lostAt) =>
        (standing.Number + 1 >= _packets.FirstNumber || _packets.DroppedAt < lostAt - _heartbeat)
        && (ticket.Prelude is not { Events: null } prelude || prelude.Number < standing.Number || prelude.AdoptedAt < lostAt - _heartbeat);

    private bool AccountsForPrelude(RecoveredSocket socket) =>
        socket.Ticket.Prelude is not { Events: null } prelude || prelude.AdoptedAt < socket.LostAt - _heartbeat;

    private Dictionary<string, long> SeenBy(string socketId)
    {
        var seen = _vector.ToDictionary();
        _late.Raise(seen, socketId);
        return seen;
    }

    private Dictionary<string, long> Settled(string socketId)
    {
        var settled = new Dictionary<string, long>(StringComparer.Ordinal);
        _late.Raise(settled, socketId);
        return settled;
    }

    private void TrimLocked()
    {
        var now = _time.GetUtcNow();
        _packets.Trim(now);
        _lost.Trim(now - _keptFor);
        if (now - _prunedAt > _keptFor)
        {
            _prunedAt = now;
            _late.Prune(now);
            _vector.Prune(now - _keptFor - _keptFor - _heartbeat);
        }
    }
}
