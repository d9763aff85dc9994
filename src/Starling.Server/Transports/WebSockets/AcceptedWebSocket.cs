using System.IO.Pipelines;

namespace Starling.Server.Transports.WebSockets;

/// <summary>A WebSocket whose handshake is done.</summary>
/// <param name="Pipe">Its bytes: frames.</param>
/// <param name="Subprotocol">The subprotocol that was chosen, or null.</param>
/// <param name="IsDeflated">Whether both sides may compress messages.</param>
internal readonly record struct AcceptedWebSocket(IDuplexPipe Pipe, string? Subprotocol = null, bool IsDeflated = false);
