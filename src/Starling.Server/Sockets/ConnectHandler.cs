namespace Starling.Server.Sockets;

/// <summary>What runs when a client has joined: a handler, or an object made for the socket.</summary>
/// <param name="Run">The handler; gets the socket, and the object if one is made.</param>
/// <param name="CreateHub">Makes the object, before the client is told that it has joined; null for a plain handler.</param>
internal sealed record ConnectHandler(Func<Socket, SocketHub?, Task> Run, Func<Socket, SocketHub>? CreateHub = null);
