using System.Net.Sockets;
using Starling.Messaging.NodeIpc;

namespace Starling.Worker;

/// <summary>The IPC channel between this worker and its supervisor, which is Starling or Node.js. Thread-safe.</summary>
public interface IWorkerChannel
{
    /// <summary>Whether there is a supervisor to talk to.</summary>
    bool IsConnected { get; }

    /// <summary>
    /// Messages of the supervisor, in order, until it disconnects. For one reader. Messages come from the start on; 1,024 of them are kept for a
    /// reader that comes later, and the oldest are dropped. Once there is a reader, the supervisor waits for it. The message
    /// <c>"shutdown"</c> drains the worker and does not appear here. Dispose the handles that come.
    /// </summary>
    IAsyncEnumerable<NodeMessage> ReadAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Sends a value as JSON. Waits while the supervisor takes nothing in.</summary>
    /// <exception cref="NodeChannelException">There is no supervisor.</exception>
    Task SendAsync<T>(T message, CancellationToken cancellationToken = default);

    /// <summary>Sends a value and a socket, of which the supervisor gets its own; dispose it when this returned.</summary>
    /// <exception cref="NodeChannelException">There is no supervisor.</exception>
    Task SendAsync<T>(T message, Socket socket, CancellationToken cancellationToken = default);
}
