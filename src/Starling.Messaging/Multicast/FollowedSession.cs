using Starling.Protocol.MoldUdp64;

namespace Starling.Messaging.Multicast;

/// <summary>Decides which of the sessions that come to a port is followed. Owner: the subscriber.</summary>
internal sealed class FollowedSession(MulticastFeedOptions options)
{
    private readonly string? _wanted = options.Session?.PadRight(MoldUdp64Header.SessionLength);
    private bool _hasEnded;
    private long? _othersSince;

    /// <summary>The one that is followed; null before the first.</summary>
    public string? Name { get; private set; }

    /// <summary>Takes note of a datagram.</summary>
    /// <param name="session">Whose it is.</param>
    /// <param name="isNew">Whether it is the first of a session that is followed from now on.</param>
    /// <returns>Whether it is the followed session's, and that one has not ended.</returns>
    public bool Takes(string session, out bool isNew)
    {
        isNew = false;
        if (session == Name)
        {
            _othersSince = null;
            return !_hasEnded;
        }

        if (!MayFollow(session))
        {
            return false;
        }

        (Name, _hasEnded, _othersSince, isNew) = (session, false, null, true);
        return true;
    }

    /// <summary>Its publisher has said that no more comes; another may be followed.</summary>
    public void End() => _hasEnded = true;

    // Others count from the first of them that was read, not from the followed one's last: a subscriber may have been busy, and what came meanwhile lies in the queue.
    private bool MayFollow(string session)
    {
        if (_wanted is not null)
        {
            return session == _wanted;
        }

        if (Name is null || _hasEnded)
        {
            return true;
        }

        _othersSince ??= options.TimeProvider.GetTimestamp();
        return options.TimeProvider.GetElapsedTime(_othersSince.Value) >= options.SilenceLimit;
    }
}
