using Starling.Supervisor.Configuration;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor;

/// <summary>How a worker is.</summary>
public sealed record WorkerInfo
{
    /// <summary>Number of the worker among all.</summary>
    public required int Id { get; init; }

    /// <summary>Name of its application.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace of its application.</summary>
    public required string Namespace { get; init; }

    /// <summary>Number of the worker within its application, from 0.</summary>
    public required int Instance { get; init; }

    /// <summary>How it shares what it listens on.</summary>
    public required ExecMode Mode { get; init; }

    /// <summary>What it does.</summary>
    public required WorkerStatus Status { get; init; }

    /// <summary>Why, where that is not plain.</summary>
    public string? Reason { get; init; }

    /// <summary>Id of its process; null when it has none.</summary>
    public int? Pid { get; init; }

    /// <summary>When its process was started.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How often it was started again.</summary>
    public required int Restarts { get; init; }

    /// <summary>How many of those came too soon, in a row.</summary>
    public required int UnstableRestarts { get; init; }

    /// <summary>Share of one core that it used lately, in percent.</summary>
    public required double Cpu { get; init; }

    /// <summary>Resident memory in bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>User that it runs as; null for the supervisor's.</summary>
    public string? User { get; init; }

    /// <summary>Whether files are watched for it.</summary>
    public required bool IsWatched { get; init; }

    /// <summary>How its last process ended: exit code or name of a signal; null when none did.</summary>
    public string? LastExit { get; init; }

    /// <summary>Addresses that it listens on through the supervisor.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}
