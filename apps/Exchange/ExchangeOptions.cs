using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Exchange.Trading;

namespace Starling.Apps.Exchange;

/// <summary>Where an exchange is.</summary>
public sealed record ExchangeOptions
{
    /// <summary>Where clients connect; port 0 lets the system choose.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 7000);

    /// <summary>The file of the books.</summary>
    public required string File { get; init; }

    /// <summary>The multicast group and port to which listings and trades go.</summary>
    public IPEndPoint Feed { get; init; } = new(IPAddress.Parse("239.192.0.1"), 31_001);

    /// <summary>The local address whose network the feed uses; loopback, the default, reaches this machine only.</summary>
    public IPAddress FeedInterface { get; init; } = IPAddress.Loopback;

    /// <summary>Where subscribers fetch what they missed; port 0 lets the system choose.</summary>
    public IPEndPoint Recovery { get; init; } = new(IPAddress.Loopback, 31_002);

    /// <summary>How many clients may be connected; more are refused. As many as half of what the system lets this process open, and 10,000 at most.</summary>
    public int MaxConnections { get; init; } = ConnectionLimit.Default;

    /// <summary>Where to log: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Silence after which the feed says that it lives; so long does it say in the end that it ends.</summary>
    internal TimeSpan FeedHeartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
