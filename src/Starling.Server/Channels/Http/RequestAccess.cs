using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Channels.Authorization;

namespace Starling.Server.Channels.Http;

/// <summary>Finds out what the sender of a request may do (Mercure, section "Presenting the Access Token").</summary>
internal sealed class RequestAccess(ChannelOptions options, AccessTokens tokens)
{
    private const string Scheme = "Bearer";

    /// <summary>Reads the access token.</summary>
    /// <returns>What it grants; null when there is none.</returns>
    /// <exception cref="ChannelRefusal">The token is not valid or is presented in a wrong way.</exception>
    public ChannelAccess? FromToken(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count > 0)
        {
            var (scheme, token) = Split(header[0] ?? "");
            if (header.Count > 1 || !string.Equals(scheme, Scheme, StringComparison.OrdinalIgnoreCase) || token.Length == 0)
            {
                throw new ChannelRefusal(ChannelError.BadToken, "The Authorization header must be 'Bearer' followed by the access token.");
            }

            return Validate(token);
        }

        if (options.CookieName is { } name && context.Request.Cookies.TryGetValue(name, out var cookie) && cookie.Length > 0)
        {
            CheckOrigin(context);
            return Validate(cookie);
        }

        return null;
    }

    /// <summary>What the sender may read.</summary>
    /// <exception cref="ChannelRefusal">It may not subscribe at all.</exception>
    public async ValueTask<ChannelAccess> ForSubscriberAsync(HttpContext context, IReadOnlyList<string> matchers)
    {
        if (FromToken(context) is { } access)
        {
            return access;
        }

        if (await IsAllowedAsync(context, options.SubscribePolicy, new ChannelRequest(ChannelAction.Subscribe, matchers)))
        {
            return ChannelAccess.Everything;
        }

        return options.AllowAnonymousSubscribers ? ChannelAccess.Anonymous : throw new ChannelRefusal(ChannelError.TokenMissing);
    }

    /// <summary>Whether the sender may publish by policy, without a token.</summary>
    public async ValueTask<bool> MayPublishAsync(HttpContext context, IReadOnlyList<string> topics) =>
        options.AllowAnonymousPublishers
        || await IsAllowedAsync(context, options.PublishPolicy, new ChannelRequest(ChannelAction.Publish, topics));

    private static async ValueTask<bool> IsAllowedAsync(HttpContext context, string? policy, ChannelRequest request)
    {
        if (policy is null)
        {
            return false;
        }

        var authorization = context.RequestServices.GetRequiredService<IAuthorizationService>();
        return (await authorization.AuthorizeAsync(context.User, request, policy)).Succeeded;
    }

    private ChannelAccess Validate(string token) => tokens.Validate(token) ?? throw new ChannelRefusal(ChannelError.TokenInvalid);

    // A browser sends the cookie whichever page asks it to; so a page of another origin must not publish with it.
    private void CheckOrigin(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            return;
        }

        var source = request.Headers.Origin.Count > 0 ? request.Headers.Origin[0] : OriginOf(request.Headers.Referer);
        if (source is null || !(source == $"{request.Scheme}://{request.Host}" || options.AllowedOrigins.Contains(source)))
        {
            throw new ChannelRefusal(ChannelError.OriginRefused, "With the cookie, only pages of this origin and of allowed ones may publish.");
        }
    }

    private static string? OriginOf(string? referer) =>
        Uri.TryCreate(referer, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : null;

    private static (string Scheme, string Token) Split(string header)
    {
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (header, "") : (header[..space], header[(space + 1)..].Trim());
    }
}
