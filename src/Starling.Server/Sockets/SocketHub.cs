using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>
/// Base of classes that serve one socket each. Constructor parameters come from the socket's own scope of services.
/// </summary>
/// <example><code>
/// sealed class ChatHub(IHistory history) : SocketHub
/// {
///     protected override Task OnConnectedAsync()
///     {
///         Socket.On&lt;string&gt;("say", text => Socket.Broadcast.EmitAsync("said", text).AsTask());
///         return Task.CompletedTask;
///     }
/// }
/// </code></example>
public abstract class SocketHub
{
    private Socket? _socket;

    /// <summary>The socket that this object serves.</summary>
    /// <exception cref="InvalidOperationException">Read in a constructor, before the socket is there.</exception>
    protected Socket Socket => _socket ?? throw new InvalidOperationException("The socket is not there before OnConnectedAsync.");

    /// <summary>Runs when the client has joined; the place to add handlers, before any wait.</summary>
    /// <returns>The work.</returns>
    protected abstract Task OnConnectedAsync();

    /// <summary>Runs when the client has left.</summary>
    /// <param name="reason">Why.</param>
    /// <returns>The work.</returns>
    protected virtual Task OnDisconnectedAsync(DisconnectReason reason) => Task.CompletedTask;

    internal static SocketHub Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THub>(Socket socket)
        where THub : SocketHub => ActivatorUtilities.CreateInstance<THub>(socket.Services);

    internal Task StartAsync(Socket socket)
    {
        _socket = socket;
        socket.OnDisconnect(OnDisconnectedAsync);
        return OnConnectedAsync();
    }
}
