using System.Runtime.InteropServices;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Http;

/// <summary>The weight of all different patterns of some subscribers, which every publication may cost. Thread-safe.</summary>
/// <param name="limit">The most weight.</param>
internal sealed class PatternBudget(int limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicMatcher, int> _uses = [];
    private long _weight;

    /// <summary>Adds a subscriber's patterns, if there is room.</summary>
    public bool TryAdd(IReadOnlyList<TopicMatcher> matchers)
    {
        lock (_gate)
        {
            foreach (var matcher in matchers)
            {
                if (matcher.Weight > 0 && CollectionsMarshal.GetValueRefOrAddDefault(_uses, matcher, out _)++ == 0)
                {
                    _weight += matcher.Weight;
                }
            }

            if (_weight <= limit)
            {
                return true;
            }

            Remove(matchers);
            return false;
        }
    }

    /// <summary>Removes a subscriber's patterns.</summary>
    public void Remove(IReadOnlyList<TopicMatcher> matchers)
    {
        lock (_gate)
        {
            foreach (var matcher in matchers)
            {
                if (matcher.Weight > 0 && --CollectionsMarshal.GetValueRefOrAddDefault(_uses, matcher, out _) == 0)
                {
                    _uses.Remove(matcher);
                    _weight -= matcher.Weight;
                }
            }
        }
    }
}
