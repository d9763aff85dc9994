using System.Text.Json;

namespace Starling.Protocol.SocketIo;

/// <summary>Event names that belong to the protocol; neither side may emit them.</summary>
public static class ReservedEvents
{
    private const int LongestName = 14;

    /// <summary>Whether <paramref name="name"/> is reserved.</summary>
    /// <param name="name">An event name.</param>
    /// <returns>Whether an application must not use it.</returns>
    public static bool Contains(string name) =>
        name is "connect" or "connect_error" or "disconnect" or "disconnecting" or "newListener" or "removeListener";

    internal static bool Contains(ref Utf8JsonReader name)
    {
        if (!name.ValueIsEscaped || name.ValueSpan.Length > LongestName * 6)
        {
            return ContainsUnescaped(name.ValueSpan);
        }

        try
        {
            return Contains(name.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: legal in JSON, and no name of ours.
            return false;
        }
    }

    private static bool ContainsUnescaped(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("connect"u8) || name.SequenceEqual("connect_error"u8) || name.SequenceEqual("disconnect"u8)
        || name.SequenceEqual("disconnecting"u8) || name.SequenceEqual("newListener"u8) || name.SequenceEqual("removeListener"u8);
}
