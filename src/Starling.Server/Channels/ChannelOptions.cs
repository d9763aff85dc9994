using Starling.Server.Channels.Authorization;

namespace Starling.Server.Channels;

/// <summary>Settings of channels.</summary>
public sealed class ChannelOptions
{
    /// <summary>
    /// The hub's identifier, which access tokens must name as their audience, and the base of relative topics: the URL under which clients
    /// reach it. Null takes <c>https://localhost</c> followed by the hub's path.
    /// </summary>
    public string? ResourceIdentifier { get; set; }

    /// <summary>The keys of those who may issue access tokens. Without any, tokens are refused and access is by policy alone.</summary>
    public IList<TokenKey> Keys { get; } = [];

    /// <summary>
    /// Whether tokens of older Mercure hubs are taken: signed with one of <see cref="Keys"/>, with a claim <c>mercure</c> and otherwise
    /// without the claims that RFC 9068 demands. True by default, since most deployed publishers send them.
    /// </summary>
    public bool AcceptLegacyTokens { get; set; } = true;

    /// <summary>Whether the query parameter <c>topic</c> of older clients, a topic or a URI template, is taken. True by default.</summary>
    public bool AcceptLegacyTopicParameter { get; set; } = true;

    /// <summary>Name of the cookie in which browsers present their token; null for none.</summary>
    public string? CookieName { get; set; } = "__Secure-mercure_access_token";

    /// <summary>Whether clients without a token may subscribe; they get public updates only. True by default.</summary>
    public bool AllowAnonymousSubscribers { get; set; } = true;

    /// <summary>
    /// Whether anyone who reaches the hub may publish. For closed networks only (section 5 of the protocol). False by default.
    /// </summary>
    public bool AllowAnonymousPublishers { get; set; }

    /// <summary>
    /// An ASP.NET Core authorisation policy that lets its users publish without an access token. Its resource is the
    /// <see cref="ChannelRequest"/>. Null for none.
    /// </summary>
    public string? PublishPolicy { get; set; }

    /// <summary>
    /// An ASP.NET Core authorisation policy that lets its users read private updates without an access token. Its resource is the
    /// <see cref="ChannelRequest"/>. Null for none.
    /// </summary>
    public string? SubscribePolicy { get; set; }

    /// <summary>Origins whose pages may use the hub; <c>*</c> for all, but without their cookies. Empty for the hub's own only.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Whether subscriptions are published as events and listed by the subscription API. True by default.</summary>
    public bool Subscriptions { get; set; } = true;

    /// <summary>A file in which the history survives a restart; null keeps it in memory only.</summary>
    public string? HistoryFile { get; set; }

    /// <summary>How many publications are kept for each topic. 1,000 by default.</summary>
    public int MaxHistoryCountPerTopic { get; set; } = 1_000;

    /// <summary>How many bytes are kept for each topic. 1 MB by default.</summary>
    public long MaxHistoryBytesPerTopic { get; set; } = 1_000_000;

    /// <summary>How many bytes are kept in all. 64 MB by default.</summary>
    public long MaxHistoryBytes { get; set; } = 64_000_000;

    /// <summary>How long publications are kept. One day by default.</summary>
    public TimeSpan MaxHistoryAge { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Of how many topics without publications the hub remembers what is gone. 10,000 by default.</summary>
    public int MaxEmptyTopics { get; set; } = 10_000;

    /// <summary>
    /// The longest time for which an event stream is silent: a comment is sent after half of it at the earliest, and not later than it.
    /// 15 seconds by default.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a poll is held when there is nothing to tell. 25 seconds by default, below the time-outs of usual proxies.</summary>
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>The interval advised to clients that poll without holding. 2 seconds by default; more under load.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Polls per second in all above which longer intervals are advised. 2,000 by default.</summary>
    public int TargetPollsPerSecond { get; set; } = 2_000;

    /// <summary>How long a subscriber may take to read what was sent before it is dropped. 30 seconds by default.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long a subscriber has to reconnect and be authorised again, whatever its token says. One day by default.</summary>
    public TimeSpan MaxConnectionLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Whether event streams begin with 2 KB of comment, which some old browsers and proxies need before they show anything.</summary>
    public bool Padding { get; set; }

    /// <summary>Between which times clients are told to come back when the server stops; spread, so that they do not come at once.</summary>
    public TimeSpan MaxReconnectDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most bytes of a publication's request. 1 MB by default.</summary>
    public int MaxUpdateBytes { get; set; } = 1_000_000;

    /// <summary>The most bytes of one topic, matcher, id or type. 4,096 by default.</summary>
    public int MaxNameBytes { get; set; } = 4_096;

    /// <summary>The most topics of one update. 100 by default.</summary>
    public int MaxTopicsPerUpdate { get; set; } = 100;

    /// <summary>The most matchers of one subscriber. 100 by default.</summary>
    public int MaxMatchersPerSubscriber { get; set; } = 100;

    /// <summary>The most subscribers at one time. 100,000 by default.</summary>
    public int MaxSubscribers { get; set; } = 100_000;

    /// <summary>The most subscribers from one address, or null for no limit.</summary>
    public int? MaxSubscribersPerAddress { get; set; }

    /// <summary>The most subscribers with one access token, or null for no limit.</summary>
    public int? MaxSubscribersPerToken { get; set; }

    /// <summary>Names what cannot work.</summary>
    internal IEnumerable<string> Check()
    {
        if (ResourceIdentifier is { } identifier && !Uri.TryCreate(identifier, UriKind.Absolute, out _))
        {
            yield return $"Channels:ResourceIdentifier '{identifier}' is no absolute URL.";
        }

        foreach (var (name, value) in new[]
        {
            (nameof(MaxHistoryCountPerTopic), MaxHistoryCountPerTopic), (nameof(MaxHistoryBytesPerTopic), MaxHistoryBytesPerTopic),
            (nameof(MaxHistoryBytes), MaxHistoryBytes), (nameof(MaxUpdateBytes), MaxUpdateBytes), (nameof(MaxNameBytes), MaxNameBytes),
            (nameof(MaxTopicsPerUpdate), MaxTopicsPerUpdate), (nameof(MaxMatchersPerSubscriber), MaxMatchersPerSubscriber),
            (nameof(MaxSubscribers), MaxSubscribers), (nameof(HeartbeatInterval), HeartbeatInterval.Ticks),
            (nameof(PollTimeout), PollTimeout.Ticks), (nameof(PollInterval), PollInterval.Ticks), (nameof(SendTimeout), SendTimeout.Ticks),
            (nameof(MaxHistoryAge), MaxHistoryAge.Ticks), (nameof(MaxConnectionLifetime), MaxConnectionLifetime.Ticks),
            (nameof(TargetPollsPerSecond), TargetPollsPerSecond),
        })
        {
            if (value <= 0)
            {
                yield return $"Channels:{name} must be more than zero.";
            }
        }

        foreach (var failure in Keys.SelectMany(key => key.Check()))
        {
            yield return failure;
        }
    }
}
