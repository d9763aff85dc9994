using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Starling.Worker;

/// <summary>Settings of a worker.</summary>
public sealed class StarlingWorkerOptions
{
    /// <summary>
    /// How long a worker that is told to end may take to finish what it has begun (10 s). What is open after that is cut. Should be less than the
    /// time after which the supervisor kills it.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long connections without a request are kept open during the drain (2 s, at most half of <see cref="DrainTimeout"/>). A client that
    /// sends its next request within that time gets an answer, which says that the connection closes; later ones find it closed.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether the worker drains and ends when its supervisor closes the IPC channel (no): a supervisor that crashed comes back and takes its
    /// workers over.
    /// </summary>
    public bool StopOnDisconnect { get; set; }

    /// <summary>Called for each socket that the supervisor passes, to choose protocols or <c>UseHttps()</c>.</summary>
    public Action<ListenOptions>? ConfigureListen { get; set; }
}
