namespace Starling.Server.Backplane;

/// <summary>A message between nodes. Immutable; one of the records beside this one, so that a backplane can encode it as its peers do.</summary>
/// <param name="Topic">Where it belongs: a namespace of Socket.IO, a channel, a document.</param>
public abstract record BackplaneMessage(string Topic)
{
    /// <summary>The node that sent it. Set by the backplane.</summary>
    public string Sender { get; init; } = "";

    /// <summary>The only node meant, or null for all.</summary>
    public string? Recipient { get; init; }
}

/// <summary>Bytes whose meaning the subscribers of the topic know.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Data">The bytes.</param>
public sealed record DataMessage(string Topic, ReadOnlyMemory<byte> Data) : BackplaneMessage(Topic);
