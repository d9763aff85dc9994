using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Http;

/// <summary>Counts subscribers in all, by address and by token, and the patterns of anonymous ones. Thread-safe.</summary>
internal sealed class SubscriberLimits(ChannelOptions options)
{
    private readonly ConcurrentDictionary<IPAddress, int> _byAddress = [];
    private readonly ConcurrentDictionary<string, int> _byToken = new(StringComparer.Ordinal);
    private readonly PatternBudget _anonymousPatterns = new(options.MaxAnonymousPatternWeight);
    private int _all;

    /// <summary>Takes a place.</summary>
    /// <exception cref="ChannelRefusal">There is none.</exception>
    public SubscriberPlace Enter(HttpContext context, SubscriptionRequest request, ChannelAccess access)
    {
        if (Interlocked.Increment(ref _all) > options.MaxSubscribers)
        {
            Interlocked.Decrement(ref _all);
            throw new ChannelRefusal(ChannelError.TooMany, $"This hub serves at most {options.MaxSubscribers} subscribers at a time.");
        }

        var address = options.MaxSubscribersPerAddress is null ? null : context.Connection.RemoteIpAddress;
        var token = options.MaxSubscribersPerToken is null ? null : access.TokenId;
        var patterns = access.IsAnonymous ? request.Matchers : [];
        if (!TryEnter(_byAddress, address, options.MaxSubscribersPerAddress))
        {
            Interlocked.Decrement(ref _all);
            throw new ChannelRefusal(ChannelError.TooMany, $"This hub serves at most {options.MaxSubscribersPerAddress} subscribers of one address.");
        }

        if (!TryEnter(_byToken, token, options.MaxSubscribersPerToken))
        {
            Leave(_byAddress, address);
            Interlocked.Decrement(ref _all);
            throw new ChannelRefusal(ChannelError.TooMany, $"This hub serves at most {options.MaxSubscribersPerToken} subscribers with one token.");
        }

        var place = new SubscriberPlace(() =>
        {
            Interlocked.Decrement(ref _all);
            Leave(_byAddress, address);
            Leave(_byToken, token);
        });
        if (_anonymousPatterns.TryAdd(patterns))
        {
            return new SubscriberPlace(() =>
            {
                place.Dispose();
                _anonymousPatterns.Remove(patterns);
            });
        }

        place.Dispose();
        throw new ChannelRefusal(
            ChannelError.TooMany,
            $"The patterns of anonymous subscribers weigh as much as they may in all, {options.MaxAnonymousPatternWeight}. Subscribe with an access token, or by exact topics.");
    }

    private static bool TryEnter<TKey>(ConcurrentDictionary<TKey, int> counts, TKey? key, int? limit)
        where TKey : class
    {
        if (key is null || counts.AddOrUpdate(key, 1, static (_, count) => count + 1) <= limit)
        {
            return true;
        }

        Leave(counts, key);
        return false;
    }

    private static void Leave<TKey>(ConcurrentDictionary<TKey, int> counts, TKey? key)
        where TKey : class
    {
        if (key is not null && counts.AddOrUpdate(key, 0, static (_, count) => count - 1) <= 0)
        {
            counts.TryRemove(new KeyValuePair<TKey, int>(key, 0));
        }
    }
}
