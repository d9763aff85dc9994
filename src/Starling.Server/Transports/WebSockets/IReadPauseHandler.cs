namespace Starling.Server.Transports.WebSockets;

/// <summary>A handler of a WebSocket that wants to know when its client was not read for a while, because it did not read itself.</summary>
internal interface IReadPauseHandler
{
    /// <summary>The client has read everything that waited for it, and is read again.</summary>
    void OnReadAgain();
}
