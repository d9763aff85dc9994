namespace Starling.Server.Sessions;

/// <summary>What happens when a client reads more slowly than it is sent to. Volatile messages are dropped under every policy.</summary>
public enum SlowClientPolicy
{
    /// <summary>
    /// Messages wait in the client's queue up to <see cref="EngineIOOptions.MaxSendQueueBytes"/>; a client that exceeds it is
    /// disconnected and may come back. Other clients do not wait.
    /// </summary>
    Disconnect,

    /// <summary>
    /// As <see cref="Disconnect"/>, and a send to a single client completes only when that client has caught up, so that an
    /// application that awaits its sends never exceeds the limit. Broadcasts do not wait.
    /// </summary>
    Wait,
}
