namespace Starling.Server.Backplane;

/// <summary>The payload of a Socket.IO packet between nodes.</summary>
/// <param name="Json">A JSON array: the event's name and arguments, or an acknowledgement's arguments.</param>
/// <param name="Attachments">Its binary attachments.</param>
public sealed record SocketPayload(ReadOnlyMemory<byte> Json, IReadOnlyList<ReadOnlyMemory<byte>> Attachments);

/// <summary>Which sockets of the other nodes are meant.</summary>
/// <param name="Rooms">Sockets in any of these; empty for all.</param>
/// <param name="Except">But not in any of these.</param>
public sealed record SocketSelection(IReadOnlyList<string> Rooms, IReadOnlyList<string> Except);

/// <summary>An event for sockets of other nodes.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="Payload">The event.</param>
/// <param name="Selection">Who gets it.</param>
/// <param name="IsVolatile">Whether clients that are not ready are left out.</param>
/// <param name="RequestId">When acknowledgements are wanted, the id that answers carry; else null.</param>
/// <param name="Position">When the sender keeps the event for lost clients, its position; else null. Those of one sender increase.</param>
public sealed record BroadcastMessage(
    string Topic, SocketPayload Payload, SocketSelection Selection, bool IsVolatile, string? RequestId, RecoveryPosition? Position)
    : BackplaneMessage(Topic);

/// <summary>How many sockets of the answering node got a broadcast that wants acknowledgements.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">Id of the broadcast.</param>
/// <param name="Count">How many acknowledgements may come from this node.</param>
public sealed record BroadcastCountMessage(string Topic, string RequestId, int Count) : BackplaneMessage(Topic);

/// <summary>One acknowledgement of a broadcast.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">Id of the broadcast.</param>
/// <param name="Payload">The client's answer.</param>
public sealed record BroadcastAckMessage(string Topic, string RequestId, SocketPayload Payload) : BackplaneMessage(Topic);

/// <summary>Sockets join rooms.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="Selection">Which sockets.</param>
/// <param name="Rooms">The rooms.</param>
public sealed record SocketsJoinMessage(string Topic, SocketSelection Selection, IReadOnlyList<string> Rooms) : BackplaneMessage(Topic);

/// <summary>Sockets leave rooms.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="Selection">Which sockets.</param>
/// <param name="Rooms">The rooms.</param>
public sealed record SocketsLeaveMessage(string Topic, SocketSelection Selection, IReadOnlyList<string> Rooms) : BackplaneMessage(Topic);

/// <summary>Sockets are disconnected.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="Selection">Which sockets.</param>
/// <param name="Close">Whether their connections are closed too.</param>
public sealed record DisconnectSocketsMessage(string Topic, SocketSelection Selection, bool Close) : BackplaneMessage(Topic);

/// <summary>Asks for a description of sockets.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">The id that the answer carries.</param>
/// <param name="Selection">Which sockets.</param>
public sealed record FetchSocketsMessage(string Topic, string RequestId, SocketSelection Selection) : BackplaneMessage(Topic);

/// <summary>Describes the sockets of one node.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">Id of the request.</param>
/// <param name="Sockets">The sockets.</param>
public sealed record SocketsMessage(string Topic, string RequestId, IReadOnlyList<Sockets.RemoteSocket> Sockets) : BackplaneMessage(Topic);

/// <summary>An event for the servers of the other nodes themselves.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="Payload">The event.</param>
/// <param name="RequestId">When answers are wanted, the id that they carry; else null.</param>
public sealed record ServerSideEmitMessage(string Topic, SocketPayload Payload, string? RequestId) : BackplaneMessage(Topic);

/// <summary>A server's answer to an event of another node.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">Id of the event.</param>
/// <param name="Payload">The answer: a JSON array.</param>
public sealed record ServerSideAckMessage(string Topic, string RequestId, SocketPayload Payload) : BackplaneMessage(Topic);
