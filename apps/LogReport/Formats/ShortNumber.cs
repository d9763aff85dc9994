using System.Numerics;
using System.Runtime.CompilerServices;

namespace Starling.Apps.LogReport.Formats;

/// <summary>Reads a decimal number of few digits without a branch per digit: eight bytes at a time are one word of the processor.</summary>
internal static class ShortNumber
{
    /// <summary>Digits of a number whose end is known to be seen.</summary>
    public const int MaxDigits = 7;

    private const ulong Zeros = 0x3030_3030_3030_3030;

    /// <param name="text">Eight bytes.</param>
    /// <param name="digits">How many digits they begin with; the value is right if these are 1 to 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref byte text, out int digits)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref text);
        if (!BitConverter.IsLittleEndian)
        {
            word = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
        }

        // A digit becomes its value. What is above 9 sets the highest bit of its byte; what that carries over comes after the first such byte.
        word ^= Zeros;
        var others = ((word + 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
        digits = BitOperations.TrailingZeroCount(others) / 8;

        // The last digit to the highest byte, zeros before the first; then pairs, then fours, then all eight.
        word <<= (64 - (digits * 8)) & 63;
        word = ((word * ((10 << 8) + 1)) >> 8) & 0x00FF_00FF_00FF_00FF;
        word = ((word * ((100 << 16) + 1)) >> 16) & 0x0000_FFFF_0000_FFFF;
        return (uint)((word * ((10_000UL << 32) + 1)) >> 32);
    }
}
