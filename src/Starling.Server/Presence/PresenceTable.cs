using System.Diagnostics.CodeAnalysis;

namespace Starling.Server.Presence;

/// <summary>The members of all channels, by the node that they belong to. Guarded by its owner's lock.</summary>
internal sealed class PresenceTable
{
    private readonly Dictionary<string, Dictionary<string, Entry>> _channels = new(StringComparer.Ordinal);

    /// <summary>Sets a member and says what that changed.</summary>
    public PresenceChange? Set(string channel, PresenceMember member, string node, DateTimeOffset expires)
    {
        if (!_channels.TryGetValue(channel, out var members))
        {
            _channels[channel] = members = new(StringComparer.Ordinal);
        }

        var isKnown = members.TryGetValue(member.Id, out var known);
        var kept = isKnown ? member with { Since = known.Member.Since } : member;
        members[member.Id] = new Entry(kept, node, expires);
        if (!isKnown)
        {
            return new PresenceChange(PresenceChangeKind.Joined, channel, kept) { Node = node };
        }

        return known.Member.State.Span.SequenceEqual(member.State.Span)
            ? null
            : new PresenceChange(PresenceChangeKind.Updated, channel, kept) { Node = node };
    }

    /// <summary>Removes a member, if it belongs to a node.</summary>
    public PresenceChange? Remove(string channel, string member, string node)
    {
        if (!TryFind(channel, member, out var entry) || entry.Node != node)
        {
            return null;
        }

        var members = _channels[channel];
        members.Remove(member);
        if (members.Count == 0)
        {
            _channels.Remove(channel);
        }

        return new PresenceChange(PresenceChangeKind.Left, channel, entry.Member) { Node = node };
    }

    public IReadOnlyList<PresenceMember> List(string channel) =>
        _channels.TryGetValue(channel, out var members) ? Sorted(members.Values) : [];

    public Dictionary<string, IReadOnlyList<PresenceMember>> ListAll(string prefix) => _channels
        .Where(channel => channel.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(channel => channel.Key, channel => Sorted(channel.Value.Values), StringComparer.Ordinal);

    public List<(string Channel, PresenceMember Member)> OfNode(string node) => Where(entry => entry.Node == node);

    public List<(string Channel, PresenceMember Member)> Expired(string node, DateTimeOffset now) =>
        Where(entry => entry.Node == node && entry.Expires <= now);

    private bool TryFind(string channel, string member, [MaybeNullWhen(false)] out Entry entry)
    {
        entry = default;
        return _channels.TryGetValue(channel, out var members) && members.TryGetValue(member, out entry);
    }

    private List<(string Channel, PresenceMember Member)> Where(Func<Entry, bool> predicate) =>
    [
        .. _channels.SelectMany(channel => channel.Value.Values.Where(predicate).Select(entry => (channel.Key, entry.Member))),
    ];

    private static IReadOnlyList<PresenceMember> Sorted(IEnumerable<Entry> entries) =>
        [.. entries.Select(entry => entry.Member).OrderBy(member => member.Since).ThenBy(member => member.Id, StringComparer.Ordinal)];

    private readonly record struct Entry(PresenceMember Member, string Node, DateTimeOffset Expires);
}
