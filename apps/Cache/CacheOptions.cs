using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Starling.Apps.Cache;

/// <summary>Settings of a cache. Its services are told those that concern them when they register.</summary>
public sealed record CacheOptions
{
    /// <summary>What the services are: threads.</summary>
    public RunMode Run { get; init; }

    /// <summary>Where the services find main; null for a name, a socket or a port of our own choice, as <see cref="Run"/> asks.</summary>
    public string? Listen { get; init; }

    /// <summary>Which services main starts, and starts again: cache and fetch. The others are started by hand.</summary>
    public IReadOnlyList<string> Start { get; init; } = ["cache", "fetch"];

    /// <summary>How many fetch services main starts: 1.</summary>
    public int Fetchers { get; init; } = 1;

    /// <summary>The program, and its first arguments, that runs one service as a process.</summary>
    public IReadOnlyList<string> ServiceCommand { get; init; } = [];

    /// <summary>What services on TCP must know to be let in; null for one that only the processes which main starts are told.</summary>
    public string? Key { get; init; }

    /// <summary>Folder of the entries. One cache at a time uses it.</summary>
    public required string Folder { get; init; }

    /// <summary>Where the cache is served over HTTP; null for nowhere. Port 0 lets the system choose.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>Host names, besides addresses and localhost, under which the HTTP door may be asked.</summary>
    public IReadOnlyList<string> HttpHosts { get; init; } = [];

    /// <summary>How sources are fetched.</summary>
    public FetchLimits Fetch { get; init; } = new();

    /// <summary>What is kept.</summary>
    public StoreLimits Store { get; init; } = new();

    /// <summary>Fetches under way at a time: 16. Further ones wait.</summary>
    public int MaxFetches { get; init; } = 16;

    /// <summary>Fetches that may wait: 1,024. One more is refused.</summary>
    public int MaxWaiting { get; init; } = 1024;

    /// <summary>How long a command waits for a service that is away: 15 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where to log: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
