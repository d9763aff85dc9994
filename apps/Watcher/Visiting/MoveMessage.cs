using System.Buffers.Binary;

namespace Starling.Apps.Watcher.Visiting;

/// <summary>The message of a visitor's page: for each move, x and y as 16-bit numbers, most significant byte first.</summary>
internal static class MoveMessage
{
    /// <summary>The most moves in one message; a page sends one for each frame of its screen.</summary>
    public const int MaxMoves = 256;

    public const int MaxBytes = MaxMoves * MoveBytes;

    private const int MoveBytes = 4;

    /// <summary>Hands the moves of a message on.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, Action<Position> onMove)
    {
        if (message.Length is 0 or > MaxBytes || message.Length % MoveBytes != 0)
        {
            return false;
        }

        for (; !message.IsEmpty; message = message[MoveBytes..])
        {
            onMove(new Position(BinaryPrimitives.ReadUInt16BigEndian(message), BinaryPrimitives.ReadUInt16BigEndian(message[2..])));
        }

        return true;
    }
}
