using Starling.Server.Transports.WebSockets;

namespace Starling.Documents.ShareDb;

/// <summary>Settings of one ShareDB endpoint.</summary>
public sealed class ShareDbOptions
{
    /// <summary>
    /// Settings of its WebSockets. A message has to hold the largest operation with some 1,000 bytes around it; 9 MB by default. An operation in a
    /// larger message is refused with <see cref="DocumentErrors.OperationTooLarge"/>, and the connection goes on. The send queue has to hold the
    /// largest answer, which is refused with <see cref="DocumentErrors.AnswerTooLarge"/> otherwise; 32 MB by default.
    /// </summary>
    public WebSocketAcceptorOptions WebSocket { get; set; } = new() { MaxMessageBytes = 9_000_000, MaxSendQueueBytes = 32_000_000 };

    /// <summary>Origins whose pages may connect, for example <c>https://example.org</c>; null, the default, for the server's own only; <c>*</c> for all.</summary>
    public IList<string>? AllowedOrigins { get; set; }

    /// <summary>How many operations per second a client may submit over a longer time; a burst of twice as many is let through. 500 by default.</summary>
    public int MaxOperationsPerSecond { get; set; } = 500;

    /// <summary>
    /// How many requests of all kinds per second a client may send over a longer time; a burst of twice as many is let through, and then the
    /// client is slowed down. 1,000 by default.
    /// </summary>
    public int MaxRequestsPerSecond { get; set; } = 1000;

    /// <summary>The most bytes of a name: of a collection, a document, a presence or a presence channel. 1,000 by default.</summary>
    public int MaxNameBytes { get; set; } = 1000;

    /// <summary>The most documents that one connection may be subscribed to. 2,000 by default.</summary>
    public int MaxSubscriptions { get; set; } = 2000;

    /// <summary>The most live queries of one connection. 100 by default.</summary>
    public int MaxQueries { get; set; } = 100;

    /// <summary>The most presences and presence channels of one connection. 1,000 by default.</summary>
    public int MaxPresences { get; set; } = 1000;

    /// <summary>The most bytes of all presences of one connection, their names included. 1 MB by default.</summary>
    public int MaxPresenceBytes { get; set; } = 1_000_000;

    /// <summary>How many requests of one connection are worked on at the same time; further ones are not read before. 64 by default.</summary>
    public int MaxConcurrentRequests { get; set; } = 64;

    /// <summary>
    /// The most bytes of the requests of one connection that are worked on at the same time; further ones are not read before. One request is
    /// always let in. 16 MB by default.
    /// </summary>
    public int MaxConcurrentRequestBytes { get; set; } = 16_000_000;

    /// <summary>Whether clients may share presence. If not, their requests for it get no answer, as in ShareDB.</summary>
    public bool Presence { get; set; } = true;

    /// <summary>Whether a refusal in the <c>SendPresence</c> stage is told to the client that the presence was for.</summary>
    public bool ForwardSendPresenceErrors { get; set; }

    /// <summary>
    /// Whether a client may call itself only what this server has called it, as the same user. Without, a client can pass its operations off
    /// as another's and make that one's later operations be taken for repetitions; ShareDB does not check. True by default.
    /// </summary>
    public bool BindSources { get; set; } = true;

    internal IEnumerable<string> Check()
    {
        (string Name, int Value)[] counts =
        [
            (nameof(MaxOperationsPerSecond), MaxOperationsPerSecond), (nameof(MaxSubscriptions), MaxSubscriptions),
            (nameof(MaxQueries), MaxQueries), (nameof(MaxPresences), MaxPresences), (nameof(MaxConcurrentRequests), MaxConcurrentRequests),
            (nameof(MaxRequestsPerSecond), MaxRequestsPerSecond), (nameof(MaxNameBytes), MaxNameBytes),
            (nameof(MaxPresenceBytes), MaxPresenceBytes), (nameof(MaxConcurrentRequestBytes), MaxConcurrentRequestBytes),
        ];
        return counts.Where(item => item.Value <= 0).Select(item => $"{item.Name} must be greater than zero.");
    }
}
