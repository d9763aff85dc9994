using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Starling.Server.Channels.Authorization;

namespace Starling.Server.Channels.Http;

/// <summary>Counts subscribers in all, by address and by token. Thread-safe.</summary>
internal sealed class SubscriberLimits(ChannelOptions options)
{
    private readonly ConcurrentDictionary<IPAddress, int> _byAddress = [];
    private readonly ConcurrentDictionary<string, int> _byToken = new(StringComparer.Ordinal);
    private int _all;

    /// <summary>Takes a place.</summary>
    /// <returns>Gives it back; to be called once.</returns>
    /// <exception cref="ChannelRefusal">There is none.</exception>
    public Action Enter(HttpContext context, ChannelAccess access)
    {
        if (Interlocked.Increment(ref _all) > options.MaxSubscribers)
        {
            Interlocked.Decrement(ref _all);
            throw new ChannelRefusal(ChannelError.TooMany, $"This hub serves at most {options.MaxSubscribers} subscribers at a time.");
        }

        var address = options.MaxSubscribersPerAddress is null ? null : context.Connection.RemoteIpAddress;
        var token = options.MaxSubscribersPerToken is null ? null : access.TokenId;
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

        return () =>
        {
            Interlocked.Decrement(ref _all);
            Leave(_byAddress, address);
            Leave(_byToken, token);
        };
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
