namespace Starling.Server.Sockets;

/// <summary>Thrown by middleware to keep a client out of a namespace; the client gets a <c>connect_error</c> event.</summary>
/// <param name="message">What the client is told.</param>
/// <param name="details">Further data for the client (its <c>error.data</c>), or null.</param>
public sealed class ConnectRefusedException(string message, object? details = null) : Exception(message)
{
    /// <summary>Further data for the client, or null.</summary>
    public object? Details { get; } = details;
}
