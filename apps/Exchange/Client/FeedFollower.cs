using System.Net.Sockets;
using System.Text;
using Starling.Messaging.Multicast;

namespace Starling.Apps.Exchange.Client;

/// <summary>Reads the feed from where it is said to be, and begins anew when that changes. Used by one caller at a time. Owner: the client.</summary>
internal sealed class FeedFollower(Action<string> take) : IAsyncDisposable
{
    private CancellationTokenSource? _ending;
    private Task _reading = Task.CompletedTask;
    private volatile MulticastSubscriber? _subscriber;
    private volatile string? _problem;
    private string? _place;
    private long _recovered;
    private long _lost;

    /// <summary>Why the feed cannot be read, or null.</summary>
    public string? Problem => _problem;

    /// <summary>How long ago it was heard, if only by a heartbeat; null: never.</summary>
    public TimeSpan? Silence => _subscriber?.Silence;

    public long Recovered => _recovered + (_subscriber?.Recovered ?? 0);

    public long Lost => _lost + (_subscriber?.Lost ?? 0);

    /// <summary>Follows the feed; does nothing when it is the one that is followed already.</summary>
    public async Task FollowAsync(MulticastFeedOptions feed)
    {
        var place = $"{feed.Group}:{feed.Port} {feed.Interface} {feed.Recovery} {feed.Session}";
        if (place == _place && _problem is null)
        {
            return;
        }

        await EndAsync();
        try
        {
            var subscriber = MulticastSubscriber.Join(feed);
            (_place, _subscriber, _problem, _ending) = (place, subscriber, null, new CancellationTokenSource());
            _reading = ReadAsync(subscriber, _ending.Token);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            _problem = exception.Message;
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task ReadAsync(MulticastSubscriber subscriber, CancellationToken cancellationToken)
    {
        try
        {
            // When the exchange is started again, it names another session.
            await foreach (var message in subscriber.ReadAllAsync(cancellationToken))
            {
                take(Encoding.UTF8.GetString(message.Data.Span));
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody wants it any more.
        }
        catch (SocketException exception)
        {
            _problem = exception.Message;
        }
    }

    private async Task EndAsync()
    {
        if (_ending is { } ending)
        {
            await ending.CancelAsync();
            await _reading;
            ending.Dispose();
        }

        _recovered = Recovered;
        _lost = Lost;
        _subscriber?.Dispose();
        (_subscriber, _ending) = (null, null);
    }
}
