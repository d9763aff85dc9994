namespace Starling.Supervisor.Configuration;

/// <summary>How the processes of an application share what they listen on.</summary>
public enum ExecMode
{
    /// <summary>A process that opens its own sockets, or is given those that <see cref="AppConfig.Listen"/> names.</summary>
    Fork,

    /// <summary>Node processes whose <c>cluster</c> module asks the supervisor for the sockets that they share.</summary>
    Cluster,
}
