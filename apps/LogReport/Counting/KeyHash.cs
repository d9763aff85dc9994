using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Starling.Apps.LogReport.Counting;

/// <summary>
/// A key's hash and what fits of it into two words. Who sends requests chooses the keys, so each table has a seed that nobody can know.
/// </summary>
/// <param name="Hash">By multiplication to 128 bits.</param>
/// <param name="First">With <see cref="Second"/> and the length this tells keys of up to <see cref="WordBytes"/> bytes apart, and is the beginning of longer ones.</param>
/// <param name="Second">See <see cref="First"/>.</param>
internal readonly record struct KeyHash(ulong Hash, ulong First, ulong Second)
{
    /// <summary>Bytes of the two words.</summary>
    public const int WordBytes = 16;

    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
    private const ulong OtherMultiplier = 0xD6E8_FEB8_6659_FD93;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyHash Compute(ReadOnlySpan<byte> key, ulong seed)
    {
        ref var start = ref MemoryMarshal.GetReference(key);
        var length = key.Length;
        ulong first, second = 0;
        if (length >= 8)
        {
            first = Load(ref start, 0);
            second = Load(ref start, Math.Min(length, WordBytes) - 8);
            for (var at = WordBytes; at < length; at += 8)
            {
                // The last word may overlap the one before.
                seed = Mix(Load(ref start, Math.Min(at, length - 8)) ^ OtherMultiplier, seed);
            }
        }
        else if (length >= 4)
        {
            first = Unsafe.ReadUnaligned<uint>(ref start) | (ulong)Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4)) << 32;
        }
        else
        {
            first = length == 0 ? 0 : (ulong)start << 16 | (ulong)Unsafe.Add(ref start, length >> 1) << 8 | Unsafe.Add(ref start, length - 1);
        }

        return new KeyHash(Mix(Multiplier ^ (ulong)length, Mix(first ^ OtherMultiplier, second ^ seed)), first, second);
    }

    private static ulong Load(ref byte start, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));

    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
