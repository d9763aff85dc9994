using Microsoft.Extensions.DependencyInjection;

namespace Starling.Server.Sockets;

/// <summary>The services of a socket that has left: the application must not make others that nothing disposes.</summary>
internal sealed class EndedScope : IServiceScope
{
    public static readonly EndedScope Instance = new();

    public IServiceProvider ServiceProvider => throw new ObjectDisposedException(
        "Socket.Services", "The socket has left and its services are disposed. Create a scope for work that outlives a socket.");

    public void Dispose()
    {
    }
}
