namespace Starling.Worker;

/// <summary>Names of the environment variables by which a supervisor and a worker find each other.</summary>
internal static class WorkerEnvironment
{
    /// <summary>Descriptors of listening sockets by number, separated by commas, in the order of the application's <c>listen</c>: <c>3,4</c>.</summary>
    public const string Sockets = "STARLING_FDS";

    /// <summary>Datagram socket to which the worker says that it is ready (systemd's <c>sd_notify</c>).</summary>
    public const string NotifySocket = "NOTIFY_SOCKET";

    /// <summary>Descriptor of Node's IPC channel.</summary>
    public const string Channel = "NODE_CHANNEL_FD";
}
