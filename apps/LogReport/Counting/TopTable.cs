using System.Runtime.CompilerServices;

namespace Starling.Apps.LogReport.Counting;

/// <summary>
/// Counts keys in bounded memory. It is exact until there are more keys than it holds. Then the rarer half is forgotten, and with it how often its keys came:
/// a key that is met anew may have come as often as the most frequent forgotten one (<see cref="Forgotten"/>), so it starts there and says so as its error.
/// No count is ever too small, and none is too large by more than twice the hits divided by the capacity (while keys have 128 bytes or fewer on
/// average; the table keeps fewer keys if they are longer). One thread uses a table.
/// </summary>
internal sealed class TopTable
{
    /// <summary>Longer keys are cut.</summary>
    public const int MaxKeyBytes = 512;

    /// <summary>Keys that a table holds.</summary>
    public const int DefaultCapacity = 1 << 17;

    private const int KeyBytesPerEntry = 128;
    private readonly int _capacity;
    private readonly ulong _seed = (ulong)Random.Shared.NextInt64();

    // A slot is a part of the hash above the index of an entry plus one; 0 is free. At most half of the slots are taken.
    private ulong[] _slots = new ulong[1024];
    private Entry[] _entries = new Entry[512];
    private byte[] _keys = new byte[16 * 1024];
    private int _count;
    private int _keyBytes;

    public TopTable(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        _capacity = capacity;
    }

    /// <summary>Different keys that are held; of how many there were when <see cref="Forgotten"/> is not 0 nothing is known.</summary>
    public int Count => _count;

    /// <summary>How often a key that is not held may have come.</summary>
    public long Forgotten { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> key) => Find(key).Count++;

    /// <summary>Adds another table's counts; that one is not changed.</summary>
    public void Merge(TopTable other)
    {
        // What either has forgotten may be among the keys that only the other holds.
        var forgotten = Forgotten;
        Forgotten = 0;
        for (var i = 0; i < _count; i++)
        {
            _entries[i].Count += other.Forgotten;
            _entries[i].Error += other.Forgotten;
        }

        for (var i = 0; i < other._count; i++)
        {
            ref var theirs = ref other._entries[i];
            var before = _count;
            ref var ours = ref FindWithoutLimit(other.KeyOf(theirs));
            var correction = _count == before ? -other.Forgotten : forgotten;
            ours.Count += theirs.Count + correction;
            ours.Error += theirs.Error + correction;
        }

        Forgotten = forgotten + other.Forgotten;
        if (_count > _capacity || _keyBytes > KeyLimit)
        {
            Shrink();
        }
    }

    /// <summary>The most frequent keys, most frequent first, equally frequent ones in the order of their bytes.</summary>
    public IReadOnlyList<TopEntry> Top(int count)
    {
        var order = new int[_count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => _entries[b].Count.CompareTo(_entries[a].Count) is var byCount and not 0
            ? byCount
            : KeyOf(_entries[a]).SequenceCompareTo(KeyOf(_entries[b])));
        return [.. order.Take(count).Select(i => new TopEntry(KeyOf(_entries[i]).ToArray(), _entries[i].Count, _entries[i].Error))];
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Forgotten);
        writer.Write(_count);
        for (var i = 0; i < _count; i++)
        {
            var key = KeyOf(_entries[i]);
            writer.Write((ushort)key.Length);
            writer.Write(key);
            writer.Write(_entries[i].Count);
            writer.Write(_entries[i].Error);
        }
    }

    public static TopTable Read(BinaryReader reader)
    {
        var result = new TopTable();
        var forgotten = reader.ReadInt64();
        Span<byte> key = stackalloc byte[MaxKeyBytes];
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var part = key[..reader.ReadUInt16()];
            reader.BaseStream.ReadExactly(part);
            ref var entry = ref result.FindWithoutLimit(part);
            entry.Count = reader.ReadInt64();
            entry.Error = reader.ReadInt64();
        }

        result.Forgotten = forgotten;
        return result;
    }

    private long KeyLimit => Math.Max(64 * 1024, (long)_capacity * KeyBytesPerEntry);

    private ReadOnlySpan<byte> KeyOf(in Entry entry) => _keys.AsSpan(entry.Offset, entry.Length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ref Entry Find(ReadOnlySpan<byte> key)
    {
        if (key.Length > MaxKeyBytes)
        {
            key = key[..MaxKeyBytes];
        }

        var hash = KeyHash.Compute(key, _seed);
        var slots = _slots;
        for (var at = (int)hash & (slots.Length - 1); slots[at] is not 0 and var slot; at = (at + 1) & (slots.Length - 1))
        {
            if ((slot ^ hash) >> 32 == 0)
            {
                ref var entry = ref _entries[(int)(uint)slot - 1];
                if (key.SequenceEqual(_keys.AsSpan(entry.Offset, entry.Length)))
                {
                    return ref entry;
                }
            }
        }

        if (_count >= _capacity || _keyBytes + key.Length > KeyLimit)
        {
            Shrink();
        }

        return ref Insert(key, hash);
    }

    private ref Entry FindWithoutLimit(ReadOnlySpan<byte> key)
    {
        var hash = KeyHash.Compute(key, _seed);
        for (var at = (int)hash & (_slots.Length - 1); _slots[at] is not 0 and var slot; at = (at + 1) & (_slots.Length - 1))
        {
            ref var entry = ref _entries[(int)(uint)slot - 1];
            if ((slot ^ hash) >> 32 == 0 && key.SequenceEqual(KeyOf(entry)))
            {
                return ref entry;
            }
        }

        return ref Insert(key, hash);
    }

    private ref Entry Insert(ReadOnlySpan<byte> key, ulong hash)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
            Index(new ulong[_slots.Length * 2]);
        }

        if (_keyBytes + key.Length > _keys.Length)
        {
            Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _keyBytes + key.Length));
        }

        key.CopyTo(_keys.AsSpan(_keyBytes));
        ref var entry = ref _entries[_count];
        entry = new Entry { Offset = _keyBytes, Length = key.Length, Hash = hash, Count = Forgotten, Error = Forgotten };
        _keyBytes += key.Length;
        Place(_slots, hash, _count++);
        return ref entry;
    }

    private void Index(ulong[] slots)
    {
        for (var i = 0; i < _count; i++)
        {
            Place(slots, _entries[i].Hash, i);
        }

        _slots = slots;
    }

    private static void Place(ulong[] slots, ulong hash, int entry)
    {
        var at = (int)hash & (slots.Length - 1);
        while (slots[at] != 0)
        {
            at = (at + 1) & (slots.Length - 1);
        }

        slots[at] = (hash >> 32 << 32) | (uint)(entry + 1);
    }

    // Keeps the more frequent half of what the table may hold, of keys and of their bytes.
    private void Shrink()
    {
        var order = _entries.AsSpan(0, _count).ToArray();
        Array.Sort(order, static (a, b) => b.Count.CompareTo(a.Count));
        var keys = new byte[_keys.Length];
        var kept = 0;
        var bytes = 0;
        for (; kept < Math.Min(order.Length, _capacity / 2) && bytes + order[kept].Length <= KeyLimit / 2; kept++)
        {
            KeyOf(order[kept]).CopyTo(keys.AsSpan(bytes));
            _entries[kept] = order[kept] with { Offset = bytes };
            bytes += order[kept].Length;
        }

        if (kept < order.Length)
        {
            Forgotten = Math.Max(Forgotten, order[kept].Count);
        }

        _keys = keys;
        _keyBytes = bytes;
        _count = kept;
        Index(new ulong[_slots.Length]);
    }

    private record struct Entry
    {
        public int Offset;
        public int Length;
        public ulong Hash;
        public long Count;
        public long Error;
    }
}
