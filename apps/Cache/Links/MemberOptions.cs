using Microsoft.Extensions.Logging;

namespace Starling.Apps.Cache.Links;

/// <summary>What a service must know to find main.</summary>
internal sealed record MemberOptions
{
    public required string Role { get; init; }

    public required string Name { get; init; }

    /// <summary>Where main is.</summary>
    public required string Address { get; init; }

    /// <summary>Folder of the entries, for the cache service.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether it waits for a main that is not there; otherwise it ends, and whoever started it decides.</summary>
    public bool WaitsForMain { get; init; }

    public required string Runs { get; init; }

    public MemberKey? Key { get; init; }

    public required ILoggerFactory LoggerFactory { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
