namespace Starling.LoadGenerator.Workloads;

/// <summary>
/// The payload of every event: sender (4 digits), sequence (10), nanoseconds on the <see cref="Clock"/> (16), then filler.
/// Plain digits, so that no server's JSON writer may spell it differently.
/// </summary>
internal readonly record struct Stamp(int Sender, long Sequence, long Time)
{
    public const int Length = 30;
    public const int MaxSenders = 10_000;

    public void Write(Span<byte> destination)
    {
        WriteDigits(destination[..4], Sender);
        WriteDigits(destination[4..14], Sequence);
        WriteDigits(destination[14..30], Time);
    }

    public static Stamp Read(ReadOnlySpan<byte> source) =>
        new((int)ReadDigits(source[..4]), ReadDigits(source[4..14]), 0);

    public static long ReadTime(ReadOnlySpan<byte> source) => ReadDigits(source[14..30]);

    private static void WriteDigits(Span<byte> destination, long value)
    {
        for (var i = destination.Length - 1; i >= 0; i--)
        {
            (value, var digit) = Math.DivRem(value, 10);
            destination[i] = (byte)('0' + digit);
        }
    }

    private static long ReadDigits(ReadOnlySpan<byte> source)
    {
        long value = 0;
        foreach (var item in source)
        {
            value = value * 10 + (item - '0');
        }

        return value;
    }
}
