using System.Diagnostics.CodeAnalysis;
using Starling.Protocol.Patterns;

namespace Starling.Server.Channels.Subscriptions;

/// <summary>An expression that selects topics (Mercure, section "Matcher Types"). Immutable; equal ones are interchangeable.</summary>
/// <param name="type">The matcher type's name on the wire.</param>
/// <param name="pattern">The expression.</param>
internal abstract class TopicMatcher(string type, string pattern) : IEquatable<TopicMatcher>
{
    public const string ExactType = "exact";
    public const string UrlPatternType = "urlpattern";
    public const string UriTemplateType = "uritemplate";
    public const string Wildcard = "*";

    public string Type { get; } = type;

    public string Pattern { get; } = pattern;

    /// <summary>The only topic that matches, or null when there may be several.</summary>
    public virtual string? OnlyTopic => null;

    /// <summary>The most steps that one character of a topic can cost; 0 where topics are compared as they are.</summary>
    public virtual int Weight => 0;

    /// <summary>Makes a matcher of one topic.</summary>
    public static TopicMatcher Exact(string topic) => new ExactMatcher(topic);

    /// <summary>Makes a matcher, or says why there can be none.</summary>
    /// <param name="type">The matcher type.</param>
    /// <param name="pattern">The expression.</param>
    /// <param name="hubUrl">The hub's URL, the base of relative patterns and topics.</param>
    /// <param name="matcher">The matcher.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryCreate(
        string type, string pattern, string hubUrl, [NotNullWhen(true)] out TopicMatcher? matcher, [NotNullWhen(false)] out string? error)
    {
        matcher = null;
        error = null;
        if (type is not (ExactType or UrlPatternType or UriTemplateType))
        {
            error = $"There is no matcher type '{type}'; this hub knows {ExactType} and {UrlPatternType}.";
            return false;
        }

        if (pattern == Wildcard)
        {
            matcher = new AnyMatcher(type);
            return true;
        }

        switch (type)
        {
            case ExactType:
                matcher = new ExactMatcher(pattern);
                return true;
            case UrlPatternType:
                if (UrlPattern.TryParse(pattern, hubUrl, out var urlPattern, out var reason))
                {
                    matcher = new UrlPatternMatcher(pattern, urlPattern);
                    return true;
                }

                error = $"'{pattern}' is no URL pattern: {reason}";
                return false;
            default:
                // As older hubs do: what is no template is compared as it is.
                matcher = UriTemplate.TryParse(pattern, out var template, out _) && pattern.Contains('{', StringComparison.Ordinal)
                    ? new UriTemplateMatcher(pattern, template)
                    : new ExactMatcher(pattern);
                return true;
        }
    }

    /// <summary>Whether a topic is selected.</summary>
    public abstract bool Matches(string topic);

    /// <summary>Whether one of several topics is selected, whose URLs were read with the hub's as base; null for what is none.</summary>
    public bool MatchesAny(IReadOnlyList<string> topics, ReadOnlySpan<WebUrl?> urls)
    {
        for (var i = 0; i < topics.Count; i++)
        {
            if (Matches(topics[i], urls[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a topic is selected whose URL was read with the hub's as base; null for a topic that is not a URL.</summary>
    public virtual bool Matches(string topic, WebUrl? url) => Matches(topic);

    /// <summary>Reads a topic as URL, for matchers that compare URLs; null for others.</summary>
    public virtual WebUrl? ReadUrl(string topic) => null;

    public bool Equals(TopicMatcher? other) => other is not null && Type == other.Type && Pattern == other.Pattern;

    public override bool Equals(object? obj) => Equals(obj as TopicMatcher);

    public override int GetHashCode() => HashCode.Combine(Type, Pattern);

    private sealed class AnyMatcher(string type) : TopicMatcher(type, Wildcard)
    {
        public override bool Matches(string topic) => true;
    }

    private sealed class ExactMatcher(string topic) : TopicMatcher(ExactType, topic)
    {
        public override string? OnlyTopic => Pattern;

        public override bool Matches(string topic) => string.Equals(Pattern, topic, StringComparison.Ordinal);
    }

    private sealed class UrlPatternMatcher(string pattern, UrlPattern compiled) : TopicMatcher(UrlPatternType, pattern)
    {
        public override int Weight => compiled.Weight;

        public override bool Matches(string topic) => compiled.IsMatch(topic);

        public override WebUrl? ReadUrl(string topic) => compiled.Read(topic);

        public override bool Matches(string topic, WebUrl? url) => url is not null && compiled.IsMatch(url);
    }

    private sealed class UriTemplateMatcher(string pattern, UriTemplate compiled) : TopicMatcher(UriTemplateType, pattern)
    {
        public override int Weight => compiled.Weight;

        public override bool Matches(string topic) => string.Equals(Pattern, topic, StringComparison.Ordinal) || compiled.IsMatch(topic);
    }
}
