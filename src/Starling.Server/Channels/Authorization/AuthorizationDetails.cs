using System.Text;
using System.Text.Json;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Authorization;

/// <summary>
/// Reads what a token grants: <c>authorization_details</c> (Mercure, section "Authorization Details"; RFC 9396), or the claim
/// <c>mercure</c> of older hubs. A token with one faulty part grants nothing.
/// </summary>
internal sealed class AuthorizationDetails(ChannelOptions options, string hubUrl)
{
    /// <summary>The type of details that concern a hub.</summary>
    public const string DetailType = "https://mercure.rocks/authorization-detail";

    private const int MaxDetails = 100;

    /// <summary>Reads the grants; null when the claims are not valid.</summary>
    public List<ChannelGrant>? Read(JsonElement claims, bool isAccessToken)
    {
        if (claims.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (!isAccessToken)
        {
            return claims.TryGetProperty("mercure", out var legacy) ? ReadLegacy(legacy) : null;
        }

        if (!claims.TryGetProperty("authorization_details", out var details))
        {
            return [];
        }

        if (details.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var grants = new List<ChannelGrant>();
        foreach (var detail in details.EnumerateArray())
        {
            if (detail.ValueKind != JsonValueKind.Object || !detail.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            if (type.GetString() != DetailType)
            {
                continue;
            }

            if (grants.Count == MaxDetails || ReadDetail(detail) is not { } grant)
            {
                return null;
            }

            grants.Add(grant);
        }

        return grants;
    }

    private ChannelGrant? ReadDetail(JsonElement detail)
    {
        if (!detail.TryGetProperty("actions", out var actions) || ReadStrings(actions) is not { Count: > 0 } names
            || !detail.TryGetProperty("topics", out var topics) || topics.ValueKind != JsonValueKind.Array
            || topics.GetArrayLength() is 0 || topics.GetArrayLength() > options.MaxMatchersPerSubscriber)
        {
            return null;
        }

        string? payload = null;
        if (detail.TryGetProperty("payload", out var value))
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            payload = value.GetRawText();
        }

        var matchers = new List<TopicMatcher>();
        foreach (var topic in topics.EnumerateArray())
        {
            if (ReadMatcher(topic) is not { } matcher)
            {
                return null;
            }

            matchers.Add(matcher);
        }

        return new ChannelGrant(names.Contains("publish"), names.Contains("subscribe"), matchers, payload);
    }

    private TopicMatcher? ReadMatcher(JsonElement topic)
    {
        if (topic.ValueKind != JsonValueKind.Object || !topic.TryGetProperty("match", out var match) || match.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var type = TopicMatcher.ExactType;
        if (topic.TryGetProperty("match_type", out var named))
        {
            if (named.ValueKind != JsonValueKind.String || named.GetString() is not (TopicMatcher.ExactType or TopicMatcher.UrlPatternType))
            {
                return null;
            }

            type = named.GetString()!;
        }

        return Create(type, match.GetString()!);
    }

    private TopicMatcher? Create(string type, string pattern) =>
        Encoding.UTF8.GetByteCount(pattern) <= options.MaxNameBytes && !UpdateRules.HasForbiddenCharacters(pattern)
            && TopicMatcher.TryCreate(type, pattern, hubUrl, out var matcher, out _)
            ? matcher
            : null;

    private List<ChannelGrant>? ReadLegacy(JsonElement claim)
    {
        if (claim.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var payload = claim.TryGetProperty("payload", out var value) && value.ValueKind == JsonValueKind.Object ? value.GetRawText() : null;
        var grants = new List<ChannelGrant>();
        foreach (var action in new[] { "publish", "subscribe" })
        {
            if (!claim.TryGetProperty(action, out var selectors) || selectors.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (ReadStrings(selectors) is not { } patterns || patterns.Count > options.MaxMatchersPerSubscriber)
            {
                return null;
            }

            var matchers = patterns.Select(pattern => Create(TopicMatcher.UriTemplateType, pattern)).ToList();
            if (matchers.Contains(null))
            {
                return null;
            }

            grants.Add(new ChannelGrant(action == "publish", action == "subscribe", matchers!, payload));
        }

        return grants;
    }

    private static List<string>? ReadStrings(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var strings = new List<string>();
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            strings.Add(item.GetString()!);
        }

        return strings;
    }
}
