using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Starling.Apps.LogReport.Formats;

/// <summary>
/// Reads the times of access logs, <c>10/Oct/2000:13:55:36 -0700</c>. Lines that follow one another mostly share the minute, so the last one is kept
/// and only compared.
/// </summary>
internal struct LineTime
{
    /// <summary>Bytes of such a time.</summary>
    public const int Length = 26;

    // Day to hour, tens of minutes; the last digit of the minute and the colon; blank and sign; digits of the zone.
    private ulong _first;
    private ulong _second;
    private ushort _third;
    private ushort _sign;
    private uint _zone;
    private long _minute;

    /// <param name="text">At least <see cref="Length"/> bytes.</param>
    /// <param name="seconds">Since 1970, in UTC.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryParse(ReadOnlySpan<byte> text, out long seconds)
    {
        ref var start = ref MemoryMarshal.GetReference(text[..Length]);
        var tens = (uint)(Unsafe.Add(ref start, 18) - '0');
        var ones = (uint)(Unsafe.Add(ref start, 19) - '0');
        if (Unsafe.ReadUnaligned<ulong>(ref start) == _first
            && Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, 8)) == _second
            && Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, 16)) == _third
            && Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, 20)) == _sign
            && Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, 22)) == _zone
            && tens <= 6
            && ones <= 9)
        {
            seconds = _minute + (tens * 10) + ones;
            return tens < 6 || ones == 0;
        }

        return TryParseAnew(text[..Length], out seconds);
    }

    private bool TryParseAnew(ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        if (text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' || text[17] != ':' || text[20] != ' '
            || text[21] is not ((byte)'+' or (byte)'-')
            || !Digits.TryRead(text[..2], out var day) || !Digits.TryRead(text[7..11], out var year)
            || !Digits.TryRead(text[12..14], out var hour) || !Digits.TryRead(text[15..17], out var minute)
            || !Digits.TryRead(text[18..20], out var second) || !Digits.TryRead(text[22..24], out var zoneHours)
            || !Digits.TryRead(text[24..26], out var zoneMinutes))
        {
            return false;
        }

        var month = Month(text[3..6]);
        if (month == 0 || year == 0 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60
            || zoneHours > 23 || zoneMinutes > 59)
        {
            return false;
        }

        var zone = ((zoneHours * 60) + zoneMinutes) * (text[21] == '-' ? -60L : 60L);
        _minute = ((new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond) - zone;
        _first = MemoryMarshal.Read<ulong>(text);
        _second = MemoryMarshal.Read<ulong>(text[8..]);
        _third = MemoryMarshal.Read<ushort>(text[16..]);
        _sign = MemoryMarshal.Read<ushort>(text[20..]);
        _zone = MemoryMarshal.Read<uint>(text[22..]);
        seconds = _minute + second;
        return true;
    }

    private static int Month(ReadOnlySpan<byte> name) => (name[0] << 16 | name[1] << 8 | name[2]) switch
    {
        'J' << 16 | 'a' << 8 | 'n' => 1,
        'F' << 16 | 'e' << 8 | 'b' => 2,
        'M' << 16 | 'a' << 8 | 'r' => 3,
        'A' << 16 | 'p' << 8 | 'r' => 4,
        'M' << 16 | 'a' << 8 | 'y' => 5,
        'J' << 16 | 'u' << 8 | 'n' => 6,
        'J' << 16 | 'u' << 8 | 'l' => 7,
        'A' << 16 | 'u' << 8 | 'g' => 8,
        'S' << 16 | 'e' << 8 | 'p' => 9,
        'O' << 16 | 'c' << 8 | 't' => 10,
        'N' << 16 | 'o' << 8 | 'v' => 11,
        'D' << 16 | 'e' << 8 | 'c' => 12,
        _ => 0,
    };
}
