using System.Globalization;
using Starling.Server.Rooms;

namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// What connection state recovery keeps of one namespace: the packets of the last minutes and the sockets that were lost in that time.
/// </summary>
/// <remarks>
/// Thread-safe. Packets have consecutive numbers, so that finding where a client stands costs O(1). An offset also names this log's epoch:
/// one from before a restart is not taken for one of now. Lock order: <see cref="Order"/>, then everything else.
/// </remarks>
internal sealed class RecoveryLog(ConnectionStateRecoveryOptions options, TimeProvider time)
{
    private readonly string _epoch = Guid.NewGuid().ToString("N")[..8];
    private readonly Lock _gate = new();
    private readonly List<StoredPacket> _packets = [];
    private readonly Dictionary<string, (RecoveredSocket Socket, DateTimeOffset LostAt)> _lost = new(StringComparer.Ordinal);
    private int _head;
    private long _headNumber = 1;
    private long _bytes;

    /// <summary>
    /// Held while a packet is stored and handed to the sockets, and while a socket returns: clients must get packets in the order of their
    /// offsets, and a returning one each exactly once.
    /// </summary>
    public Lock Order { get; } = new();

    private long NextNumber => _headNumber + _packets.Count - _head;

    /// <summary>Stores an event and returns it as it has to be sent: with its offset as last argument.</summary>
    public byte[] Append(ReadOnlySpan<byte> array, ReadOnlyMemory<byte>[] attachments, BroadcastTarget target)
    {
        lock (_gate)
        {
            var offset = string.Create(CultureInfo.InvariantCulture, $"{_epoch}-{NextNumber}");
            var packet = new StoredPacket(BroadcastEncoding.AppendOffset(array, offset), attachments, target, time.GetUtcNow());
            _packets.Add(packet);
            _bytes += packet.Size;
            Trim();
            return packet.Array;
        }
    }

    /// <summary>Keeps a lost socket for its client's return.</summary>
    public void Keep(RecoveredSocket socket)
    {
        lock (_gate)
        {
            _lost[socket.RecoveryId] = (socket, time.GetUtcNow());
            Trim();
        }
    }

    /// <summary>Gives a lost socket back, with the packets that it missed; null when it or one of them is no longer there.</summary>
    public RecoveredSocket? Take(string recoveryId, string offset)
    {
        lock (_gate)
        {
            Trim();
            if (!_lost.Remove(recoveryId, out var lost) || !TryParse(offset, out var seen) || seen + 1 < _headNumber || seen >= NextNumber)
            {
                return null;
            }

            var missed = new List<StoredPacket>();
            for (var i = _head + (int)(seen + 1 - _headNumber); i < _packets.Count; i++)
            {
                if (_packets[i].IsFor(lost.Socket))
                {
                    missed.Add(_packets[i]);
                }
            }

            return lost.Socket with { Missed = missed };
        }
    }

    private bool TryParse(string offset, out long number)
    {
        number = 0;
        return offset.Length > _epoch.Length + 1 && offset.StartsWith(_epoch, StringComparison.Ordinal)
            && long.TryParse(offset.AsSpan(_epoch.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private void Trim()
    {
        var oldest = time.GetUtcNow() - options.MaxDisconnectionDuration;
        while (_head < _packets.Count && (_packets[_head].StoredAt < oldest || _bytes > options.MaxStoredBytes))
        {
            _bytes -= _packets[_head].Size;
            _packets[_head++] = null!;
            _headNumber++;
        }

        if (_head > 1024 && _head > _packets.Count / 2)
        {
            _packets.RemoveRange(0, _head);
            _head = 0;
        }

        foreach (var (id, lost) in _lost)
        {
            if (lost.LostAt < oldest)
            {
                _lost.Remove(id);
            }
        }
    }
}
