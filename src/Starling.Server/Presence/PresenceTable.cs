namespace Starling.Server.Presence;

/// <summary>
/// The members of all channels. A member that is on several nodes has an entry for each; all nodes show the same one of them. Guarded by its
/// owner's lock.
/// </summary>
internal sealed class PresenceTable
{
    private readonly Dictionary<string, Dictionary<string, List<Entry>>> _channels = new(StringComparer.Ordinal);

    /// <summary>Sets a node's entry of a member.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="member">The member. Where the entry exists, its time of coming is kept.</param>
    /// <param name="node">The node.</param>
    /// <param name="expires">When the entry goes.</param>
    /// <param name="changed">The node's entry if it is new or has another state, else null.</param>
    /// <returns>What changed for those who look at the channel, or null.</returns>
    public PresenceChange? Set(string channel, PresenceMember member, string node, DateTimeOffset expires, out PresenceMember? changed)
    {
        if (!_channels.TryGetValue(channel, out var members))
        {
            _channels[channel] = members = new(StringComparer.Ordinal);
        }

        if (!members.TryGetValue(member.Id, out var entries))
        {
            members[member.Id] = entries = new(1);
        }

        var shown = Shown(entries);
        var index = entries.FindIndex(entry => entry.Node == node);
        var kept = index < 0 ? member : member with { Since = entries[index].Member.Since };
        changed = index >= 0 && entries[index].Member.State.Span.SequenceEqual(member.State.Span) ? null : kept;
        if (index < 0)
        {
            entries.Add(new Entry(kept, node, expires));
        }
        else
        {
            entries[index] = new Entry(kept, node, expires);
        }

        return Compare(channel, shown, Shown(entries));
    }

    /// <summary>Removes a node's entry of a member.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="member">The member.</param>
    /// <param name="node">The node.</param>
    /// <param name="hasChanged">Whether there was one.</param>
    /// <returns>What changed for those who look at the channel, or null.</returns>
    public PresenceChange? Remove(string channel, string member, string node, out bool hasChanged)
    {
        hasChanged = false;
        if (!_channels.TryGetValue(channel, out var members) || !members.TryGetValue(member, out var entries))
        {
            return null;
        }

        var shown = Shown(entries);
        hasChanged = entries.RemoveAll(entry => entry.Node == node) > 0;
        if (entries.Count == 0)
        {
            members.Remove(member);
        }

        if (members.Count == 0)
        {
            _channels.Remove(channel);
        }

        return Compare(channel, shown, Shown(entries));
    }

    public IReadOnlyList<PresenceMember> List(string channel) =>
        _channels.TryGetValue(channel, out var members) ? Sorted(members.Values) : [];

    public Dictionary<string, IReadOnlyList<PresenceMember>> ListAll(string prefix) => _channels
        .Where(channel => channel.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(channel => channel.Key, channel => Sorted(channel.Value.Values), StringComparer.Ordinal);

    public List<(string Channel, PresenceMember Member)> OfNode(string node) => Where(entry => entry.Node == node);

    public List<(string Channel, PresenceMember Member)> Expired(string node, DateTimeOffset now) =>
        Where(entry => entry.Node == node && entry.Expires <= now);

    // The one that came last; the same on all nodes, whatever the order in which they learnt of the entries.
    private static Entry? Shown(List<Entry> entries)
    {
        Entry? shown = null;
        foreach (var entry in entries)
        {
            if (shown is null || Comes(entry, shown) > 0)
            {
                shown = entry;
            }
        }

        return shown;
    }

    private static int Comes(Entry left, Entry right) =>
        left.Member.Since.CompareTo(right.Member.Since) is not 0 and var order ? order : string.CompareOrdinal(left.Node, right.Node);

    private static PresenceChange? Compare(string channel, Entry? before, Entry? after)
    {
        if (before is null || after is null)
        {
            return after is not null ? new PresenceChange(PresenceChangeKind.Joined, channel, after.Member) { Node = after.Node }
                : before is not null ? new PresenceChange(PresenceChangeKind.Left, channel, before.Member) { Node = before.Node }
                : null;
        }

        return before.Member.State.Span.SequenceEqual(after.Member.State.Span)
            ? null
            : new PresenceChange(PresenceChangeKind.Updated, channel, after.Member) { Node = after.Node };
    }

    private List<(string Channel, PresenceMember Member)> Where(Func<Entry, bool> predicate) =>
    [
        .. _channels.SelectMany(channel => channel.Value.Values.SelectMany(static entries => entries).Where(predicate)
            .Select(entry => (channel.Key, entry.Member))),
    ];

    private static IReadOnlyList<PresenceMember> Sorted(IEnumerable<List<Entry>> members) =>
        [.. members.Select(static entries => Shown(entries)!.Member).OrderBy(member => member.Since).ThenBy(member => member.Id, StringComparer.Ordinal)];

    private sealed record Entry(PresenceMember Member, string Node, DateTimeOffset Expires);
}
