using System.Globalization;

namespace Starling.Server.Sockets.Recovery;

/// <summary>How far a client has got in a log.</summary>
/// <param name="Number">It has all packets up to this number.</param>
/// <param name="Index">And as many events of the <see cref="Prelude"/> with this number, if it is one.</param>
internal readonly record struct Standing(long Number, int Index)
{
    /// <summary>Reads an offset that the log with this name has given.</summary>
    public static bool TryParse(string log, string offset, out Standing standing)
    {
        standing = default;
        if (offset.Length <= log.Length + 1 || offset[log.Length] != '-' || !offset.StartsWith(log, StringComparison.Ordinal))
        {
            return false;
        }

        var text = offset.AsSpan(log.Length + 1);
        var dot = text.IndexOf('.');
        var index = 0;
        if (!long.TryParse(dot < 0 ? text : text[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || (dot >= 0 && !int.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out index)))
        {
            return false;
        }

        standing = new Standing(number, index);
        return true;
    }

    /// <summary>The offset with which an event is sent that brings a client here.</summary>
    public string ToOffset(string log) => Index == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{log}-{Number}")
        : string.Create(CultureInfo.InvariantCulture, $"{log}-{Number}.{Index}");

    public bool IsBefore(Standing other) => Number < other.Number || (Number == other.Number && Index < other.Index);
}
