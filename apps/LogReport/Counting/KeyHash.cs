using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Starling.Apps.LogReport.Counting;

/// <summary>
/// Hashes short byte strings by multiplication to 128 bits. Who sends requests chooses the keys, so each table has a seed that nobody can know.
/// </summary>
internal static class KeyHash
{
    private const ulong First = 0x9E37_79B9_7F4A_7C15;
    private const ulong Second = 0xD6E8_FEB8_6659_FD93;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ReadOnlySpan<byte> key, ulong seed)
    {
        ref var start = ref MemoryMarshal.GetReference(key);
        var length = key.Length;
        ulong a, b;
        if (length >= 8)
        {
            for (var at = 0; at + 16 < length; at += 16)
            {
                seed = Mix(Load(ref start, at) ^ Second, Load(ref start, at + 8) ^ seed);
            }

            a = Load(ref start, Math.Max(0, length - 16));
            b = Load(ref start, length - 8);
        }
        else if (length >= 4)
        {
            a = Unsafe.ReadUnaligned<uint>(ref start);
            b = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, length - 4));
        }
        else
        {
            a = length == 0 ? 0 : (ulong)start << 16 | (ulong)Unsafe.Add(ref start, length >> 1) << 8 | Unsafe.Add(ref start, length - 1);
            b = 0;
        }

        return Mix(First ^ (ulong)length, Mix(a ^ Second, b ^ seed));
    }

    private static ulong Load(ref byte start, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));

    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
