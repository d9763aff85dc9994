namespace Starling.Server.Backplane;

/// <summary>
/// Carries messages between the nodes of a cluster (called adapter in Socket.IO, broker in Centrifugo). Delivery to the clients of a node
/// is not its business: it never sees sockets.
/// </summary>
/// <remarks>
/// Guarantees: a message reaches every other node that subscribed to its topic at most once; messages of one sender to one topic arrive in
/// the order of the calls that published them, whether or not a call awaited the one before; a node does not get its own messages. Handlers
/// of one topic run one at a time. A message to one recipient reaches no other node.
/// </remarks>
public interface IBackplane : IAsyncDisposable
{
    /// <summary>This node's name, unique in the cluster.</summary>
    string NodeId { get; }

    /// <summary>Whether there can be no other node, so that encoding a message would be wasted.</summary>
    bool IsAlone { get; }

    /// <summary>Sends a message to the other nodes.</summary>
    /// <param name="message">The message; its bytes are not changed afterwards.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when the message is handed over, not when it has arrived.</returns>
    /// <exception cref="IOException">The link to the other nodes is down and the message could not be kept.</exception>
    ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken);

    /// <summary>Begins to receive the messages of a topic.</summary>
    /// <param name="topic">Name of the topic.</param>
    /// <param name="handler">Gets each message; must not throw and should be quick.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The subscription, once it is in effect; disposing ends it.</returns>
    ValueTask<IAsyncDisposable> SubscribeAsync(string topic, Func<BackplaneMessage, ValueTask> handler, CancellationToken cancellationToken);

    /// <summary>How many other nodes are subscribed to a topic, and so how many answers a request can have.</summary>
    /// <param name="topic">Name of the topic.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The count.</returns>
    ValueTask<int> CountOthersAsync(string topic, CancellationToken cancellationToken);
}
