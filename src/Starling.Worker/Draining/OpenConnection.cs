using Microsoft.AspNetCore.Connections.Features;

namespace Starling.Worker.Draining;

/// <summary>One connection. Thread-safe.</summary>
internal sealed class OpenConnection(string id, IConnectionLifetimeFeature lifetime, IConnectionLifetimeNotificationFeature? notification)
{
    private int _requests;
    private volatile bool _isMultiplexed;
    private volatile bool _isUpgraded;

    public string Id => id;

    /// <summary>Whether it carries several requests at once, so that closing it can be announced without a race. Known from its first request on.</summary>
    public bool IsMultiplexed => _isMultiplexed;

    /// <summary>Whether it is no longer HTTP's.</summary>
    public bool IsUpgraded => _isUpgraded;

    public bool IsBusy => Volatile.Read(ref _requests) > 0;

    public void Begin(bool isMultiplexed)
    {
        _isMultiplexed = isMultiplexed;
        Interlocked.Increment(ref _requests);
    }

    public void End() => Interlocked.Decrement(ref _requests);

    public void Upgraded() => _isUpgraded = true;

    /// <summary>Lets it end after the requests that run: HTTP/2 by GOAWAY, HTTP/1 by closing it once it is idle.</summary>
    public void RequestClose() => notification?.RequestClose();

    public void Abort() => lifetime.Abort();
}
