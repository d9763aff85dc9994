namespace Starling.Supervisor;

/// <summary>What happened to a worker.</summary>
public enum SupervisorEventKind
{
    /// <summary>A process of it was started.</summary>
    Fork,

    /// <summary>Its process is ready.</summary>
    Online,

    /// <summary>A worker of Node's cluster listens; the data is the address.</summary>
    Listening,

    /// <summary>Its process sent a message; the data is the message as JSON.</summary>
    Message,

    /// <summary>The channel to its process was closed.</summary>
    Disconnect,

    /// <summary>Its process ended; the data says how.</summary>
    Exit,
}
