namespace Starling.Server.Presence;

/// <summary>What this node knows of another one's members. Guarded by the lock of presence.</summary>
internal sealed class PeerMembers
{
    private int _parts;

    /// <summary>When the other node counts as gone.</summary>
    public DateTimeOffset Expires { get; set; }

    /// <summary>The version of the other node's members that this node has; null before it has any.</summary>
    public long? Version { get; private set; }

    /// <summary>When the other node was asked for everything, and has not answered yet.</summary>
    public DateTimeOffset? Asked { get; set; }

    /// <summary>The members that the answer under way has named so far.</summary>
    public HashSet<(string Channel, string Member)> Named { get; } = [];

    /// <summary>Whether changes follow on what this node has. What it has already is not to be taken again.</summary>
    public bool TryFollow(PresenceMessage changes)
    {
        if (changes.From != Version)
        {
            return false;
        }

        Version = changes.To;
        return true;
    }

    /// <summary>Whether a part of an answer is the next one.</summary>
    public bool TryTake(PresenceMessage part)
    {
        if (part.Part == 0)
        {
            _parts = 0;
            Named.Clear();
        }

        if (part.Part != _parts)
        {
            return false;
        }

        _parts++;
        return true;
    }

    /// <summary>Ends an answer.</summary>
    public void Complete(long version)
    {
        Version = version;
        Asked = null;
        _parts = 0;
        Named.Clear();
    }
}
