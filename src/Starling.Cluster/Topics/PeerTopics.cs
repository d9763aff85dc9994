using System.Collections.Concurrent;
using Starling.Cluster.Links;

namespace Starling.Cluster.Topics;

/// <summary>Which nodes want which topics. Reading takes no lock; changes are made one at a time.</summary>
internal sealed class PeerTopics
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, PeerLink[]> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<PeerLink, HashSet<string>> _topics = [];

    /// <summary>The nodes that want a topic; not to be changed.</summary>
    public PeerLink[] Of(string topic) => _links.GetValueOrDefault(topic, []);

    public void Add(PeerLink link, string topic)
    {
        lock (_gate)
        {
            if (!_topics.TryGetValue(link, out var topics))
            {
                _topics[link] = topics = new HashSet<string>(StringComparer.Ordinal);
            }

            if (topics.Add(topic))
            {
                _links[topic] = [.. Of(topic), link];
            }
        }
    }

    public void Remove(PeerLink link, string topic)
    {
        lock (_gate)
        {
            if (_topics.TryGetValue(link, out var topics) && topics.Remove(topic))
            {
                RemoveLink(topic, link);
            }
        }
    }

    public void Remove(PeerLink link)
    {
        lock (_gate)
        {
            if (_topics.Remove(link, out var topics))
            {
                foreach (var topic in topics)
                {
                    RemoveLink(topic, link);
                }
            }
        }
    }

    private void RemoveLink(string topic, PeerLink link)
    {
        PeerLink[] rest = [.. Of(topic).Where(other => other != link)];
        if (rest.Length == 0)
        {
            _links.TryRemove(topic, out _);
        }
        else
        {
            _links[topic] = rest;
        }
    }
}
