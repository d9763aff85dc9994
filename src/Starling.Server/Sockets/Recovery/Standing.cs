namespace Starling.Server.Sockets.Recovery;

/// <summary>How far a client has got in a log.</summary>
/// <param name="Number">It has all packets up to this number.</param>
/// <param name="Index">And as many of the <see cref="Prelude"/> that comes behind this number, if one does.</param>
internal readonly record struct Standing(long Number, int Index)
{
    public bool IsBefore(Standing other) => Number < other.Number || (Number == other.Number && Index < other.Index);
}
