using System.Text;
using Microsoft.AspNetCore.Http;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Http;

/// <summary>Reads what a subscriber asks for from its request (Mercure, section "Subscription").</summary>
internal sealed class SubscribeParameters(ChannelOptions options, string hubUrl)
{
    private const string MatchPrefix = "match";

    /// <summary>Reads the request.</summary>
    /// <exception cref="ChannelRefusal">It breaks a rule.</exception>
    public SubscriptionRequest Read(HttpContext context)
    {
        var matchers = new List<TopicMatcher>();
        string? lastEventId = null;
        var query = context.Request.QueryString.Value is { Length: > 1 } text ? Encoding.UTF8.GetBytes(text[1..]) : [];
        foreach (var (name, value) in UrlEncodedForm.Parse(query))
        {
            if (TypeOf(name) is { } type)
            {
                var matcher = Matcher(type, value);
                if (matchers.Count == options.MaxMatchersPerSubscriber)
                {
                    throw new ChannelRefusal(ChannelError.BadRequest, $"A subscriber may have at most {options.MaxMatchersPerSubscriber} matchers.");
                }

                if (!matchers.Contains(matcher))
                {
                    matchers.Add(matcher);
                }
            }
            else if (name is "last_event_id" or "cursor" or "lastEventID" or "Last-Event-ID")
            {
                lastEventId ??= value;
            }
        }

        if (matchers.Count == 0)
        {
            throw new ChannelRefusal(ChannelError.BadRequest, "Say what to subscribe to, with the query parameter match or match_urlpattern.");
        }

        if (matchers.Sum(static matcher => matcher.Weight) is var weight && weight > options.MaxPatternWeightPerSubscriber)
        {
            throw new ChannelRefusal(
                ChannelError.BadRequest,
                $"The patterns weigh {weight}; those of one subscriber may weigh at most {options.MaxPatternWeightPerSubscriber}. Use fewer wildcards and smaller expressions.");
        }

        var header = context.Request.Headers["Last-Event-ID"];
        return new SubscriptionRequest(matchers, header.Count > 0 ? Decode(header[0]) : lastEventId);
    }

    // Browsers send the id as UTF-8, which the header's bytes hold one by one.
    private static string? Decode(string? header) =>
        header is not null && header.Any(c => c is > '\x7f' and <= '\xff') ? Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(header)) : header;

    private string? TypeOf(string name)
    {
        if (name == "topic" && options.AcceptLegacyTopicParameter)
        {
            return TopicMatcher.UriTemplateType;
        }

        if (!name.StartsWith(MatchPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return name switch
        {
            "match" or "match_exact" => TopicMatcher.ExactType,
            "match_urlpattern" => TopicMatcher.UrlPatternType,
            _ => throw new ChannelRefusal(
                ChannelError.BadRequest, $"The parameter '{name}' names no matcher type of this hub; there are match, match_exact and match_urlpattern."),
        };
    }

    private TopicMatcher Matcher(string type, string pattern)
    {
        if (pattern.Length == 0)
        {
            throw new ChannelRefusal(ChannelError.BadRequest, "A matcher must not be empty.");
        }

        if (Encoding.UTF8.GetByteCount(pattern) > options.MaxNameBytes)
        {
            throw new ChannelRefusal(ChannelError.BadRequest, $"A matcher may have at most {options.MaxNameBytes} bytes.");
        }

        if (UpdateRules.HasForbiddenCharacters(pattern))
        {
            throw new ChannelRefusal(ChannelError.BadRequest, "A matcher must not contain control or format characters.");
        }

        return TopicMatcher.TryCreate(type, pattern, hubUrl, out var matcher, out var error)
            ? matcher
            : throw new ChannelRefusal(ChannelError.BadRequest, error);
    }
}
