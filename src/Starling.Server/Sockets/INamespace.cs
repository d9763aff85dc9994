using Starling.Server.Rooms;

namespace Starling.Server.Sockets;

/// <summary>
/// Something that clients join: a namespace, all namespaces of a dynamic name, or the server itself, which stands for its main namespace.
/// Handlers and middleware added here are shared by all its sockets. <see cref="NamespaceExtensions"/> and
/// <see cref="NamespaceEventExtensions"/> have the methods.
/// </summary>
public interface INamespace : IEmitter
{
    internal SocketHandlers Handlers { get; }

    internal ConnectHandlers ConnectHandlers { get; }

    internal BroadcastOperator Everyone { get; }
}
