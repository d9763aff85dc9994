using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Starling.Apps.LogReport.Counting;

/// <summary>A hash table from byte strings to counts and their errors, in few arrays, so that nothing is allocated per key and little of it is touched.</summary>
internal sealed class KeyStore
{
    /// <summary>Keys that a store can hold.</summary>
    public const int MaxCount = (1 << IndexBits) - 1;

    // A slot is the highest bits of the hash above the index of an entry plus one; 0 is free. At most half of the slots are taken. Most of them have to be
    // fetched from outside of the processor's cache, so they are small.
    private const int IndexBits = 19;
    private uint[] _slots = new uint[1024];
    private Entry[] _entries = new Entry[512];
    private long[] _errors = new long[512];
    private byte[] _keys = new byte[16 * 1024];
    private ulong _touched;

    /// <summary>What to hash keys with.</summary>
    public ulong Seed { get; } = (ulong)Random.Shared.NextInt64();

    public int Count { get; private set; }

    public int KeyBytes { get; private set; }

    public ReadOnlySpan<byte> KeyAt(int entry) => _keys.AsSpan(_entries[entry].Offset, _entries[entry].Length);

    public long CountAt(int entry) => _entries[entry].Count;

    public long ErrorAt(int entry) => _errors[entry];

    /// <summary>Fetches the slot of a key from memory, without waiting for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TouchSlot(in KeyHash hash) => _touched += _slots[(int)hash.Hash & (_slots.Length - 1)];

    /// <summary>Fetches what is probably the entry of a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TouchEntry(in KeyHash hash)
    {
        if (_slots[(int)hash.Hash & (_slots.Length - 1)] is not 0 and var slot)
        {
            _touched += _entries[IndexOf(slot)].First;
        }
    }

    /// <summary>Adds one to the count of a key, if it is found at first sight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryIncrease(ReadOnlySpan<byte> key, in KeyHash hash)
    {
        var slot = _slots[(int)hash.Hash & (_slots.Length - 1)];
        if (slot == 0 || (slot ^ Mark(hash.Hash)) >> IndexBits != 0)
        {
            return false;
        }

        ref var entry = ref _entries[IndexOf(slot)];
        if (entry.First != hash.First || entry.Second != hash.Second || entry.Length != key.Length || (key.Length > KeyHash.WordBytes && !HasRest(entry, key)))
        {
            return false;
        }

        entry.Count++;
        return true;
    }

    public void Increase(int entry) => _entries[entry].Count++;

    public void Increase(int entry, long count, long error)
    {
        _entries[entry].Count += count;
        _errors[entry] += error;
    }

    /// <summary>Adds to all counts, as an error.</summary>
    public void AddToAll(long error)
    {
        for (var i = 0; i < Count && error != 0; i++)
        {
            Increase(i, error, error);
        }
    }

    /// <returns>Index of the key's entry.</returns>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash by <see cref="Seed"/>.</param>
    /// <param name="initial">Count and error of a key that is new.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int FindOrAdd(ReadOnlySpan<byte> key, in KeyHash hash, long initial)
    {
        var slots = _slots;
        for (var at = (int)hash.Hash & (slots.Length - 1); slots[at] is not 0 and var slot; at = (at + 1) & (slots.Length - 1))
        {
            if ((slot ^ Mark(hash.Hash)) >> IndexBits == 0)
            {
                var index = IndexOf(slot);
                ref var entry = ref _entries[index];
                if (entry.First == hash.First && entry.Second == hash.Second && entry.Length == key.Length
                    && (key.Length <= KeyHash.WordBytes || HasRest(entry, key)))
                {
                    return index;
                }
            }
        }

        return Insert(key, hash, initial);
    }

    /// <summary>Keeps the keys with the highest counts.</summary>
    /// <param name="most">Keys to keep at most.</param>
    /// <param name="mostBytes">Bytes of them to keep at most.</param>
    /// <returns>The highest count of those that are forgotten.</returns>
    public long Shrink(int most, int mostBytes)
    {
        var order = _entries.AsSpan(0, Count).ToArray();
        var errors = _errors.AsSpan(0, Count).ToArray();
        Array.Sort(order, errors, Comparer<Entry>.Create(static (a, b) => b.Count.CompareTo(a.Count)));
        var keys = _keys;
        _keys = new byte[keys.Length];
        _slots = new uint[_slots.Length];
        Count = 0;
        KeyBytes = 0;
        foreach (ref readonly var entry in order.AsSpan())
        {
            if (Count == most || KeyBytes + entry.Length > mostBytes)
            {
                return entry.Count;
            }

            var key = keys.AsSpan(entry.Offset, entry.Length);
            var error = errors[Count];
            var kept = Insert(key, KeyHash.Compute(key, Seed), 0);
            Increase(kept, entry.Count, error);
        }

        return 0;
    }

    private static uint Mark(ulong hash) => (uint)(hash >> (64 - (32 - IndexBits))) << IndexBits;

    private static int IndexOf(uint slot) => (int)(slot & MaxCount) - 1;

    // Whether a key is the entry's beyond the two words, as which it begins.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasRest(in Entry entry, ReadOnlySpan<byte> key)
    {
        var kept = _keys.AsSpan(entry.Offset, entry.Length);
        return key.Length <= KeyHash.WordBytes * 2
            ? Vector128.EqualsAll(Vector128.Create(key[^KeyHash.WordBytes..]), Vector128.Create(kept[^KeyHash.WordBytes..]))
            : key[KeyHash.WordBytes..].SequenceEqual(kept[KeyHash.WordBytes..]);
    }

    private int Insert(ReadOnlySpan<byte> key, in KeyHash hash, long initial)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
            Array.Resize(ref _errors, Count * 2);
            _slots = new uint[_slots.Length * 2];
            for (var i = 0; i < Count; i++)
            {
                Place(KeyHash.Compute(KeyAt(i), Seed).Hash, i);
            }
        }

        if (KeyBytes + key.Length > _keys.Length)
        {
            Array.Resize(ref _keys, Math.Max(_keys.Length * 2, KeyBytes + key.Length));
        }

        key.CopyTo(_keys.AsSpan(KeyBytes));
        _entries[Count] = new Entry { First = hash.First, Second = hash.Second, Offset = KeyBytes, Length = key.Length, Count = initial };
        _errors[Count] = initial;
        KeyBytes += key.Length;
        Place(hash.Hash, Count);
        return Count++;
    }

    private void Place(ulong hash, int entry)
    {
        var at = (int)hash & (_slots.Length - 1);
        while (_slots[at] != 0)
        {
            at = (at + 1) & (_slots.Length - 1);
        }

        _slots[at] = Mark(hash) | (uint)(entry + 1);
    }

    private struct Entry
    {
        public ulong First;
        public ulong Second;
        public int Offset;
        public int Length;
        public long Count;
    }
}
