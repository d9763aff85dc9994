namespace Starling.Server.Rooms;

/// <summary>Who gets a broadcast. Immutable.</summary>
/// <param name="Rooms">Sockets in any of these rooms; empty for all sockets of the namespace.</param>
/// <param name="Except">But not sockets in any of these.</param>
internal sealed record BroadcastTarget(string[] Rooms, string[] Except)
{
    public static readonly BroadcastTarget Everyone = new([], []);

    public BroadcastTarget WithRooms(ReadOnlySpan<string> rooms) => this with { Rooms = [.. Rooms, .. rooms] };

    public BroadcastTarget WithExcept(ReadOnlySpan<string> rooms) => this with { Except = [.. Except, .. rooms] };
}
