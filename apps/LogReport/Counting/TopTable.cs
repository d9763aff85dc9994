using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Starling.Apps.LogReport.Counting;

/// <summary>
/// Counts keys in bounded memory. It is exact until there are more keys than it holds. Then the rarer half is forgotten, and with it how often its keys came:
/// a key that is met anew may have come as often as the most frequent forgotten one (<see cref="Forgotten"/>), so it starts there and says so as its error.
/// No count is ever too small, and none is too large by more than twice the hits divided by the capacity (while keys have 128 bytes or fewer on
/// average; the table keeps fewer keys if they are longer). One thread uses a table.
/// </summary>
/// <remarks>
/// A table is larger than the processor's cache, so the time goes into waiting for memory. Keys are therefore gathered and looked up several at a time:
/// the processor then waits for all of them at once.
/// </remarks>
internal sealed class TopTable
{
    /// <summary>Longer keys are cut.</summary>
    public const int MaxKeyBytes = 512;

    /// <summary>Keys that a table holds.</summary>
    public const int DefaultCapacity = 1 << 17;

    private const int KeyBytesPerEntry = 128;
    private const int BatchSize = 16;
    private readonly int _capacity;
    private readonly KeyStore _store = new();
    private readonly Pending[] _batch = new Pending[BatchSize];
    private readonly byte[] _batchKeys = new byte[BatchSize * MaxKeyBytes];
    private int _batched;
    private int _batchedBytes;
    private long _forgotten;

    public TopTable(int capacity = DefaultCapacity)
    {
        // While two are merged there may be the keys of both.
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, KeyStore.MaxCount / 2);
        _capacity = capacity;
    }

    /// <summary>Different keys that are held; of how many there were when <see cref="Forgotten"/> is not 0 nothing is known.</summary>
    public int Count => Settled()._store.Count;

    /// <summary>How often a key that is not held may have come.</summary>
    public long Forgotten => Settled()._forgotten;

    private int KeyLimit => Math.Max(64 * 1024, _capacity * KeyBytesPerEntry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> key)
    {
        if (key.Length > MaxKeyBytes)
        {
            key = key[..MaxKeyBytes];
        }

        ref var pending = ref _batch[_batched];
        pending.Hash = KeyHash.Compute(key, _store.Seed);
        pending.Offset = _batchedBytes;
        pending.Length = key.Length;
        Copy(key, _batchKeys.AsSpan(_batchedBytes, key.Length));
        _batchedBytes += key.Length;
        if (++_batched == BatchSize)
        {
            Settle();
        }
    }

    /// <summary>Adds another table's counts; that one is not changed.</summary>
    public void Merge(TopTable other)
    {
        Settle();
        other.Settle();

        // What either has forgotten may be among the keys that only the other holds.
        _store.AddToAll(other._forgotten);
        for (var i = 0; i < other._store.Count; i++)
        {
            var key = other._store.KeyAt(i);
            var before = _store.Count;
            var ours = _store.FindOrAdd(key, KeyHash.Compute(key, _store.Seed), 0);
            var correction = _store.Count == before ? -other._forgotten : _forgotten;
            _store.Increase(ours, other._store.CountAt(i) + correction, other._store.ErrorAt(i) + correction);
        }

        _forgotten += other._forgotten;
        if (_store.Count > _capacity || _store.KeyBytes > KeyLimit)
        {
            Shrink();
        }
    }

    /// <summary>The most frequent keys, most frequent first, equally frequent ones in the order of their bytes.</summary>
    public IReadOnlyList<TopEntry> Top(int count)
    {
        Settle();
        var order = new int[_store.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => _store.CountAt(b).CompareTo(_store.CountAt(a)) is var byCount and not 0
            ? byCount
            : _store.KeyAt(a).SequenceCompareTo(_store.KeyAt(b)));
        return [.. order.Take(count).Select(i => new TopEntry(_store.KeyAt(i).ToArray(), _store.CountAt(i), _store.ErrorAt(i)))];
    }

    public void Write(BinaryWriter writer)
    {
        Settle();
        writer.Write(_forgotten);
        writer.Write(_store.Count);
        for (var i = 0; i < _store.Count; i++)
        {
            var key = _store.KeyAt(i);
            writer.Write((ushort)key.Length);
            writer.Write(key);
            writer.Write(_store.CountAt(i));
            writer.Write(_store.ErrorAt(i));
        }
    }

    public static TopTable Read(BinaryReader reader)
    {
        var result = new TopTable { _forgotten = reader.ReadInt64() };
        Span<byte> buffer = stackalloc byte[MaxKeyBytes];
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var key = buffer[..reader.ReadUInt16()];
            reader.BaseStream.ReadExactly(key);
            var entry = result._store.FindOrAdd(key, KeyHash.Compute(key, result._store.Seed), 0);
            result._store.Increase(entry, reader.ReadInt64(), reader.ReadInt64());
        }

        return result;
    }

    private TopTable Settled()
    {
        Settle();
        return this;
    }

    // Looks up the keys that have been gathered.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Settle()
    {
        var batch = _batch.AsSpan(0, _batched);
        foreach (ref readonly var pending in batch)
        {
            _store.TouchSlot(pending.Hash);
        }

        foreach (ref readonly var pending in batch)
        {
            _store.TouchEntry(pending.Hash);
        }

        // Most keys are known; whether the table is full matters to new ones only.
        foreach (ref readonly var pending in batch)
        {
            var key = _batchKeys.AsSpan(pending.Offset, pending.Length);
            if (!_store.TryIncrease(key, pending.Hash))
            {
                Increase(key, pending.Hash);
            }
        }

        _batched = 0;
        _batchedBytes = 0;
    }

    private void Increase(ReadOnlySpan<byte> key, in KeyHash hash)
    {
        if (_store.Count >= _capacity || _store.KeyBytes + MaxKeyBytes > KeyLimit)
        {
            Shrink();
        }

        _store.Increase(_store.FindOrAdd(key, hash, _forgotten));
    }

    // Keys are mostly so short that a call takes longer than the copy. The second part may overlap the first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(ReadOnlySpan<byte> key, Span<byte> to)
    {
        if (key.Length is >= 16 and <= 32)
        {
            Vector128.Create(key).CopyTo(to);
            Vector128.Create(key[^16..]).CopyTo(to[^16..]);
        }
        else if (key.Length is >= 8 and < 16)
        {
            MemoryMarshal.Write(to, MemoryMarshal.Read<ulong>(key));
            MemoryMarshal.Write(to[^8..], MemoryMarshal.Read<ulong>(key[^8..]));
        }
        else
        {
            key.CopyTo(to);
        }
    }

    // Keeps the more frequent half of what the table may hold, of keys and of their bytes.
    private void Shrink() => _forgotten = Math.Max(_forgotten, _store.Shrink(_capacity / 2, KeyLimit / 2));

    private struct Pending
    {
        public KeyHash Hash;
        public int Offset;
        public int Length;
    }
}
