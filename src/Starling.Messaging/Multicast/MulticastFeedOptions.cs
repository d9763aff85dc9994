using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Protocol;
using Starling.Protocol.MoldUdp64;

namespace Starling.Messaging.Multicast;

/// <summary>Where a feed is published and how. Publisher and subscribers use the same.</summary>
public sealed class MulticastFeedOptions
{
    /// <summary>What a datagram carries beside its message: the header, and the message's length.</summary>
    private const int Overhead = MoldUdp64Header.Length + 2;

    private const int LongestDatagram = 65_507;

    /// <summary>The multicast group; 239.0.0.0/8 is for use inside an organisation (RFC 2365).</summary>
    public IPAddress Group { get; set; } = IPAddress.Parse("239.192.0.1");

    /// <summary>Its port.</summary>
    public int Port { get; set; } = 31_001;

    /// <summary>The local address whose network is used. Loopback reaches this machine only.</summary>
    public IPAddress Interface { get; set; } = IPAddress.Loopback;

    /// <summary>How many routers a datagram may pass: 1 stays in the local network.</summary>
    public int TimeToLive { get; set; } = 1;

    /// <summary>Where the publisher answers for what was missed. Port 0 lets the system choose; subscribers must then be told.</summary>
    public IPEndPoint Recovery { get; set; } = new(IPAddress.Loopback, 31_002);

    /// <summary>Silence after which the publisher says that it lives and where it stands: 1 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest datagram: 1,400 bytes pass everywhere in one piece. A message is 22 bytes shorter at most.</summary>
    public int MaxDatagramBytes { get; set; } = 1400;

    /// <summary>How many messages the publisher keeps for those who missed them: 100,000.</summary>
    public int HistoryMessages { get; set; } = 100_000;

    /// <summary>Bytes of them: 64 MiB.</summary>
    public long HistoryBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Bytes that the system keeps for a subscriber that is busy: 8 MiB. It may grant less.</summary>
    public int ReceiveBufferBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Longest wait for the publisher to answer for what was missed: 5 s. What does not come then counts as lost.</summary>
    public TimeSpan RecoveryTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The one session that a subscriber follows, as the publisher's <see cref="MulticastPublisher.Session"/> names it; null: the first that it hears, and another when that
    /// one has ended or is silent. Several publishers may use the same group and port.
    /// </summary>
    public string? Session { get; set; }

    /// <summary>Silence after which a subscriber that hears another session follows that one, because the publisher was started again: 3.5 s. More than <see cref="HeartbeatInterval"/>.</summary>
    public TimeSpan SilenceLimit { get; set; } = TimeSpan.FromSeconds(3.5);

    /// <summary>Whether a subscriber wants the session from its first message on, as far as the publisher has kept it; otherwise from when it comes.</summary>
    public bool FromStart { get; set; }

    /// <summary>Where to log: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Whether a feed can have an address as its group: those of multicast by IPv4, 224.0.0.0 to 239.255.255.255.</summary>
    /// <param name="address">The address.</param>
    public static bool IsGroup(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes()[0] is >= 224 and <= 239;
    }

    private const string TimerRule = "must be above zero and at most 49 days, the longest that a timer waits";

    private static void Require(bool isValid, string name, string rule)
    {
        if (!isValid)
        {
            throw new ArgumentException($"{nameof(MulticastFeedOptions)}.{name} {rule}.", name);
        }
    }

    /// <summary>A copy that nobody changes.</summary>
    /// <exception cref="ArgumentException">They cannot be used.</exception>
    internal MulticastFeedOptions Checked()
    {
        if (!IsGroup(Group))
        {
            throw new ArgumentException($"{Group} is no multicast address of IPv4; one is 224.0.0.0 to 239.255.255.255.");
        }

        if (Port is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentException($"{Port} is no port of a multicast group; one is 1 to {ushort.MaxValue}.");
        }

        if (Interface.AddressFamily != AddressFamily.InterNetwork)
        {
            throw new ArgumentException($"{Interface} is no address of IPv4, by which the group is reached.");
        }

        Require(MaxDatagramBytes is > Overhead and <= LongestDatagram, nameof(MaxDatagramBytes), $"must be from {Overhead + 1} to {LongestDatagram}, the most that UDP carries");
        Require(TimeToLive is >= 0 and <= 255, nameof(TimeToLive), "must be from 0 to 255");
        Require(TimerLimits.IsPositive(HeartbeatInterval), nameof(HeartbeatInterval), TimerRule);
        Require(SilenceLimit >= TimeSpan.Zero && SilenceLimit <= TimerLimits.Longest, nameof(SilenceLimit), "must not be negative, and at most 49 days");
        Require(TimerLimits.IsPositive(RecoveryTimeout), nameof(RecoveryTimeout), TimerRule);
        Require(HistoryMessages > 0, nameof(HistoryMessages), "must be above zero");
        Require(HistoryBytes > 0, nameof(HistoryBytes), "must be above zero");
        Require(ReceiveBufferBytes > 0, nameof(ReceiveBufferBytes), "must be above zero");
        Require(Session is null or { Length: > 0 and <= MoldUdp64Header.SessionLength }, nameof(Session), $"has 1 to {MoldUdp64Header.SessionLength} characters");
        return (MulticastFeedOptions)MemberwiseClone();
    }
}
