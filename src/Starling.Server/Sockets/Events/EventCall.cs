using Starling.Server.Sockets.Payloads;

namespace Starling.Server.Sockets.Events;

/// <summary>One event on its way to the listeners of a socket.</summary>
/// <param name="Socket">The socket that it came from.</param>
/// <param name="Array">Its JSON array, name first.</param>
/// <param name="Attachments">Its attachments.</param>
/// <param name="AckId">The id to acknowledge with, or -1.</param>
internal readonly record struct EventCall(
    Socket Socket, ReadOnlyMemory<byte> Array, IReadOnlyList<ReadOnlyMemory<byte>> Attachments, long AckId)
{
    /// <summary>The memory that the event's data take.</summary>
    public int Size
    {
        get
        {
            var size = Array.Length;
            for (var i = 0; i < Attachments.Count; i++)
            {
                size += Attachments[i].Length;
            }

            return size;
        }
    }

    /// <summary>A reader that stands before the first argument.</summary>
    public ArgumentReader Arguments()
    {
        var reader = new ArgumentReader(Array.Span, Attachments, Socket.Serializer);
        reader.Skip(1);
        return reader;
    }

    /// <summary>The same event in memory of its own, so that it outlives the message that brought it.</summary>
    public EventCall ToOwned() => this with { Array = Array.ToArray() };
}

/// <summary>Handles one event. The call's data are valid until the method returns, not until its task completes.</summary>
internal delegate Task EventListener(in EventCall call);
