namespace Starling.Server.Backplane;

/// <summary>
/// The place of an event in the order of the events that one node has sent to the others in one namespace. Two nodes that hold events with
/// the same position hold the same event.
/// </summary>
/// <param name="Origin">Names the sending node's recovery log; unique in the cluster, and new with every start of a node.</param>
/// <param name="Sequence">1 for the first event, one more for each further one.</param>
public readonly record struct RecoveryPosition(string Origin, long Sequence);

/// <summary>An event that connection state recovery keeps for lost clients, on its way to another node.</summary>
/// <param name="Payload">The event, without an offset.</param>
/// <param name="Position">Its position, or null if no other node has got it when it was sent.</param>
/// <param name="Number">Its number in the log that it comes from; 0 for an event of one session.</param>
/// <param name="Selection">Who it was for; null for an event of one session.</param>
/// <param name="AgeMilliseconds">How long ago it was stored.</param>
/// <param name="FormerOffsets">For an event of one session, the offsets with which its client may have got it already.</param>
public sealed record RecoveryPacket(
    SocketPayload Payload, RecoveryPosition? Position, long Number, SocketSelection? Selection, long AgeMilliseconds,
    IReadOnlyList<string> FormerOffsets);

/// <summary>A lost socket on its way to another node.</summary>
/// <param name="Id">The socket's id.</param>
/// <param name="RecoveryId">The secret by which its client proves that it had it.</param>
/// <param name="Rooms">The rooms that it was in, its own among them.</param>
/// <param name="Data">What the application kept about it: a JSON object in UTF-8.</param>
/// <param name="AgeMilliseconds">How long ago the client joined as a new one.</param>
/// <param name="LostMilliseconds">How long ago the client was lost.</param>
/// <param name="Offset">The offset that the client brought when it last joined; null if it had none.</param>
/// <param name="Number">The number in the sender's log where the client stood with that offset; 0 in a <see cref="RecoveryFoundMessage"/>.</param>
/// <param name="Index">How many events of <paramref name="Packets"/> it had with that offset.</param>
/// <param name="Packets">Events that only this socket has still to get, before those of the log with higher numbers.</param>
/// <param name="Seen">Up to where, for each origin, it is settled already which events the client gets.</param>
public sealed record RecoverySession(
    string Id, string RecoveryId, IReadOnlyList<string> Rooms, ReadOnlyMemory<byte> Data, long AgeMilliseconds, long LostMilliseconds,
    string? Offset, long Number, int Index, IReadOnlyList<RecoveryPacket> Packets, IReadOnlyList<RecoveryPosition> Seen);

/// <summary>Asks who has the lost socket of a client that has come back; the one who has it gives it away.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">The id that answers carry.</param>
/// <param name="RecoveryId">What the client presents.</param>
/// <param name="Offset">The offset of the last event that it got; null if it got none.</param>
/// <param name="Asker">The node to answer to. Not always the sender: whoever gave the socket away passes the question on.</param>
/// <param name="Hops">How often it was passed on.</param>
public sealed record FetchRecoveryMessage(string Topic, string RequestId, string RecoveryId, string? Offset, string Asker, int Hops)
    : BackplaneMessage(Topic);

/// <summary>Answers that the sender has no such socket, or no longer all that its client missed.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">Id of the question.</param>
public sealed record RecoveryUnknownMessage(string Topic, string RequestId) : BackplaneMessage(Topic);

/// <summary>Answers with the socket, which from now on belongs to the asker.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">Id of the question; further packets came before under this id, see <see cref="RecoveryPacketsMessage"/>.</param>
/// <param name="Session">The socket; its packets are what the client missed, oldest first.</param>
public sealed record RecoveryFoundMessage(string Topic, string RequestId, RecoverySession Session) : BackplaneMessage(Topic);

/// <summary>Some of the packets of an answer or a hand-over that is too large for one message; the message that ends it follows.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="TransferId">The id that the message that ends it carries.</param>
/// <param name="Packets">The packets, oldest first.</param>
public sealed record RecoveryPacketsMessage(string Topic, string TransferId, IReadOnlyList<RecoveryPacket> Packets) : BackplaneMessage(Topic);

/// <summary>Some of the lost sockets of a hand-over.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="TransferId">The id that the <see cref="HandOverMessage"/> carries.</param>
/// <param name="Sessions">The sockets.</param>
public sealed record RecoverySessionsMessage(string Topic, string TransferId, IReadOnlyList<RecoverySession> Sessions) : BackplaneMessage(Topic);

/// <summary>A node that stops asks who takes its lost sockets.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">The id that answers carry.</param>
public sealed record OfferHandOverMessage(string Topic, string RequestId) : BackplaneMessage(Topic);

/// <summary>The sender takes the lost sockets of a node that stops.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="RequestId">Id of the offer.</param>
public sealed record AcceptHandOverMessage(string Topic, string RequestId) : BackplaneMessage(Topic);

/// <summary>Ends a hand-over: the log that the packets and sockets before it belong to.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="TransferId">Id of the packets and sockets, and of the answer.</param>
/// <param name="Log">The log's name, with which its offsets begin.</param>
/// <param name="FirstNumber">The number of the oldest event that it can account for.</param>
/// <param name="NextNumber">The number that follows its last event.</param>
/// <param name="DroppedMilliseconds">How long ago the newest event before <paramref name="FirstNumber"/> was stored; null if there is none.</param>
/// <param name="Seen">The last event of each origin that it holds or held.</param>
public sealed record HandOverMessage(
    string Topic, string TransferId, string Log, long FirstNumber, long NextNumber, long? DroppedMilliseconds,
    IReadOnlyList<RecoveryPosition> Seen) : BackplaneMessage(Topic);

/// <summary>The heir has all of a hand-over and answers for it.</summary>
/// <param name="Topic">The namespace's topic.</param>
/// <param name="TransferId">Id of the hand-over.</param>
public sealed record HandOverDoneMessage(string Topic, string TransferId) : BackplaneMessage(Topic);
