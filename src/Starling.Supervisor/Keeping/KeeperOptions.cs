using Microsoft.Extensions.Logging;
using Starling.Supervisor.Spawning;

namespace Starling.Supervisor.Keeping;

/// <summary>Settings of a keeper.</summary>
public sealed record KeeperOptions
{
    /// <summary>How the daemon is started. It gets the channel to the keeper as descriptor 3.</summary>
    public required SpawnOptions Daemon { get; init; }

    /// <summary>File that it holds locked while it lives; see <see cref="SupervisorFolder.KeeperLockFile"/>.</summary>
    public required string LockFile { get; init; }

    /// <summary>Where the keeper logs.</summary>
    public required ILogger Log { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
