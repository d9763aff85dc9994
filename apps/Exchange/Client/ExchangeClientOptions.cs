using System.Net;
using Starling.Apps.Exchange.Books;

namespace Starling.Apps.Exchange.Client;

/// <summary>Which exchange a client uses, and as whom.</summary>
public sealed record ExchangeClientOptions
{
    /// <summary>Where the exchange is.</summary>
    public required DnsEndPoint Exchange { get; init; }

    /// <summary>The account's name.</summary>
    public required string Account { get; init; }

    /// <summary>Its token.</summary>
    public required string Token { get; init; }

    /// <summary>Multicast group and port of the feed; null: what the exchange says.</summary>
    public IPEndPoint? Feed { get; init; }

    /// <summary>The local address whose network the feed uses; null: the one that leads to the exchange.</summary>
    public IPAddress? FeedInterface { get; init; }

    /// <summary>Where what was missed of the feed is fetched; null: what the exchange says.</summary>
    public IPEndPoint? Recovery { get; init; }

    /// <summary>First pause before connecting again: 250 ms. Each further one is twice as long.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause before connecting again: 5 s.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a line that was not answered is tried to be said again over other connections: 60 s.</summary>
    public TimeSpan ResendLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks what can be known before the exchange is asked.</summary>
    /// <exception cref="ExchangeException">The account's name or the token cannot be one.</exception>
    public void Check()
    {
        try
        {
            OrderRules.AccountName(Account);
        }
        catch (ExchangeException refusal)
        {
            throw new ExchangeException(refusal.Code, $"--account: {refusal.Message}");
        }

        if (Token.Length == 0 || Token.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw new ExchangeException("bad-login", "The token is not one word. What --token-file names has it in its only line, as add-account showed it behind the name.");
        }
    }

    /// <summary>Everything but the token, so that it stands in no log.</summary>
    public override string ToString() => $"{Account} at {Exchange.Host}:{Exchange.Port}";
}
