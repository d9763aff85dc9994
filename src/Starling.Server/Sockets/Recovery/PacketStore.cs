using Starling.Server.Backplane;
using Starling.Server.Rooms;

namespace Starling.Server.Sockets.Recovery;

/// <summary>The packets of a log in the order of their numbers, and the preludes, within the limits of age and size. Not thread-safe.</summary>
internal sealed class PacketStore(long maxBytes, TimeSpan retention, long firstNumber)
{
    private readonly List<StoredPacket> _packets = [];
    private readonly Queue<Prelude> _preludes = new();
    private readonly Dictionary<RecoveryPosition, StoredEvent> _byPosition = [];
    private int _head;

    /// <summary>The number of the oldest packet that can be accounted for.</summary>
    public long FirstNumber { get; private set; } = firstNumber;

    public long NextNumber { get; private set; } = firstNumber;

    /// <summary>When the newest packet that had to be dropped was stored.</summary>
    public DateTimeOffset? DroppedAt { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>What is kept, oldest first.</summary>
    public ReadOnlySpan<StoredPacket> All => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_packets)[_head..];

    /// <summary>Takes over the bounds of another node's log, of which not all packets need be here.</summary>
    public void SetBounds(long nextNumber, DateTimeOffset? droppedAt)
    {
        NextNumber = nextNumber;
        DroppedAt = droppedAt;
    }

    public StoredPacket Add(StoredEvent stored, BroadcastTarget target, DateTimeOffset now) => Add(NextNumber, stored, target, now);

    public StoredPacket Add(long number, StoredEvent stored, BroadcastTarget target, DateTimeOffset storedAt)
    {
        var packet = new StoredPacket(number, Hold(stored), target, storedAt);
        _packets.Add(packet);
        NextNumber = number + 1;
        return packet;
    }

    /// <summary>Takes the next number for something else than a packet.</summary>
    public long TakeNumber() => NextNumber++;

    public Prelude AddPrelude(long number, IEnumerable<MissedEvent> events, DateTimeOffset now)
    {
        var prelude = new Prelude(number, [.. events.Select(missed => missed with { Event = Hold(missed.Event) })], now);
        _preludes.Enqueue(prelude);
        return prelude;
    }

    /// <summary>The packets behind a number.</summary>
    public ReadOnlySpan<StoredPacket> After(long number)
    {
        var all = All;
        var (low, high) = (0, all.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = all[middle].Number <= number ? (middle + 1, high) : (low, middle);
        }

        return all[low..];
    }

    /// <summary>The events, oldest first, that another log has not seen. One of whose origin it knew nothing began after it did.</summary>
    /// <param name="open">The origins that may have some; emptied.</param>
    /// <param name="seen">Up to where the other log has seen each origin.</param>
    /// <param name="since">When the other log began.</param>
    public List<StoredPacket> NewerThan(HashSet<string> open, IReadOnlyDictionary<string, long> seen, DateTimeOffset since)
    {
        // Backwards, and no further than where everything is settled.
        var newer = new List<StoredPacket>();
        var all = All;
        for (var i = all.Length - 1; i >= 0 && open.Count > 0; i--)
        {
            if (all[i].Event.Position is not { } position || !open.Contains(position.Origin))
            {
                continue;
            }

            if (seen.TryGetValue(position.Origin, out var settled) ? position.Sequence <= settled : all[i].StoredAt < since)
            {
                open.Remove(position.Origin);
            }
            else
            {
                newer.Add(all[i]);
            }
        }

        newer.Reverse();
        return newer;
    }

    /// <summary>Drops what is too old or too much.</summary>
    public void Trim(DateTimeOffset now) => Trim(now - retention, maxBytes);

    public void Trim(DateTimeOffset oldest, long bytes)
    {
        while (true)
        {
            var packet = _head < _packets.Count ? _packets[_head] : null;
            var prelude = _preludes.TryPeek(out var first) ? first : null;
            if (prelude is not null && (packet is null || prelude.AdoptedAt <= packet.StoredAt))
            {
                if (prelude.AdoptedAt >= oldest && Bytes <= bytes)
                {
                    break;
                }

                Drop(_preludes.Dequeue());
            }
            else if (packet is null || (packet.StoredAt >= oldest && Bytes <= bytes))
            {
                break;
            }
            else
            {
                Drop(packet);
            }
        }

        if (_head > 1024 && _head > _packets.Count / 2)
        {
            _packets.RemoveRange(0, _head);
            _head = 0;
        }
    }

    private void Drop(StoredPacket packet)
    {
        LetGo(packet.Event);
        DroppedAt = packet.StoredAt;
        FirstNumber = packet.Number + 1;
        _packets[_head++] = null!;
    }

    private void Drop(Prelude prelude)
    {
        foreach (var missed in prelude.Events ?? [])
        {
            LetGo(missed.Event);
        }

        prelude.Events = null;
    }

    // Many clients miss the same events: whoever brings one along that is here already shares it.
    private StoredEvent Hold(StoredEvent stored)
    {
        if (stored.Position is { } position && !_byPosition.TryAdd(position, stored))
        {
            stored = _byPosition[position];
        }

        if (stored.Holders++ == 0)
        {
            Bytes += stored.Size;
        }

        return stored;
    }

    private void LetGo(StoredEvent stored)
    {
        if (--stored.Holders > 0)
        {
            return;
        }

        Bytes -= stored.Size;
        if (stored.Position is { } position)
        {
            _byPosition.Remove(position);
        }
    }
}
