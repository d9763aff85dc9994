using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Channels.Authorization;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Http;

/// <summary>Finds out what the sender of a request may do (Mercure, section "Presenting the Access Token").</summary>
internal sealed class RequestAccess(ChannelOptions options, AccessTokens tokens)
{
    private const string Scheme = "Bearer";

    /// <summary>
    /// Reads the access token. A Bearer header that the hub cannot validate is not refused yet: it may be for the application's own
    /// authentication. A hub without keys does not look for tokens.
    /// </summary>
    /// <exception cref="ChannelRefusal">The token in the cookie is not valid.</exception>
    public PresentedToken Read(HttpContext context)
    {
        if (options.Keys.Count == 0)
        {
            return default;
        }

        var header = context.Request.Headers.Authorization;
        if (header.Count > 0)
        {
            var (scheme, token) = Split(header[0] ?? "");
            if (header.Count > 1 || !string.Equals(scheme, Scheme, StringComparison.OrdinalIgnoreCase) || token.Length == 0)
            {
                return new PresentedToken(Refusal: new ChannelRefusal(
                    ChannelError.BadToken, "The Authorization header must be 'Bearer' followed by the access token."));
            }

            return tokens.Validate(token) is { } access
                ? new PresentedToken(access)
                : new PresentedToken(Refusal: new ChannelRefusal(ChannelError.TokenInvalid), IsForHub: tokens.IsForHub(token));
        }

        if (options.CookieName is { } name && context.Request.Cookies.TryGetValue(name, out var cookie) && cookie.Length > 0)
        {
            CheckOrigin(context);
            return new PresentedToken(tokens.Validate(cookie) ?? throw new ChannelRefusal(ChannelError.TokenInvalid));
        }

        return default;
    }

    /// <summary>What the sender may read.</summary>
    /// <exception cref="ChannelRefusal">It may not subscribe at all.</exception>
    public async ValueTask<ChannelAccess> ForSubscriberAsync(HttpContext context, IReadOnlyList<TopicMatcher> matchers)
    {
        var presented = Read(context);
        var access = presented.Access ?? await ByPolicyAsync(
            context, presented, options.SubscribePolicy, options.ServesAnonymousSubscribers,
            new ChannelRequest(ChannelAction.Subscribe, [.. matchers.Select(matcher => matcher.Pattern)]));
        return access == ChannelAccess.Anonymous && options.SubscribePolicy is { } policy && matchers.Count > 1
            ? await ByMatcherAsync(context, policy, matchers)
            : access;
    }

    /// <summary>Refuses early, before the body is read, a publisher whom nothing can allow.</summary>
    /// <exception cref="ChannelRefusal">It may not publish.</exception>
    public PresentedToken BeginPublishing(HttpContext context)
    {
        var presented = Read(context);
        return presented.Access is null && options.PublishPolicy is null && !options.AllowAnonymousPublishers
            ? throw presented.Refusal ?? new ChannelRefusal(ChannelError.TokenMissing)
            : presented;
    }

    /// <summary>Checks that the sender may publish an update with these topics.</summary>
    /// <exception cref="ChannelRefusal">It may not.</exception>
    public async ValueTask CheckPublisherAsync(HttpContext context, PresentedToken presented, IReadOnlyList<string> topics)
    {
        if (presented.Access is null)
        {
            await ByPolicyAsync(
                context, presented, options.PublishPolicy, options.AllowAnonymousPublishers, new ChannelRequest(ChannelAction.Publish, topics));
        }
        else if (!presented.Access.MayPublish(topics))
        {
            throw new ChannelRefusal(ChannelError.Forbidden);
        }
    }

    /// <summary>A client whom the policy does not allow all that it asks for may have what the policy allows, and the public updates of the rest.</summary>
    private static async ValueTask<ChannelAccess> ByMatcherAsync(HttpContext context, string policy, IReadOnlyList<TopicMatcher> matchers)
    {
        var authorization = context.RequestServices.GetRequiredService<IAuthorizationService>();
        var allowed = new List<TopicMatcher>();
        foreach (var matcher in matchers)
        {
            var request = new ChannelRequest(ChannelAction.Subscribe, [matcher.Pattern]);
            if ((await authorization.AuthorizeAsync(context.User, request, policy)).Succeeded)
            {
                allowed.Add(matcher);
            }
        }

        return allowed.Count == 0
            ? ChannelAccess.Anonymous
            : new ChannelAccess { Grants = [new ChannelGrant(MayPublish: false, MaySubscribe: true, allowed, Payload: null)] };
    }

    private static async ValueTask<ChannelAccess> ByPolicyAsync(
        HttpContext context, PresentedToken presented, string? policyName, bool allowsAnonymous, ChannelRequest request)
    {
        var result = default(AuthenticateResult);
        if (policyName is not null)
        {
            var policy = await context.RequestServices.GetRequiredService<IAuthorizationPolicyProvider>().GetPolicyAsync(policyName)
                ?? throw new InvalidOperationException(
                    $"ChannelOptions names the authorization policy '{policyName}', which does not exist. Add it with AddAuthorizationBuilder().AddPolicy().");

            // Also signs in by the schemes that the policy names.
            var evaluator = context.RequestServices.GetRequiredService<IPolicyEvaluator>();
            result = await evaluator.AuthenticateAsync(policy, context);
            if ((await evaluator.AuthorizeAsync(policy, result, context, request)).Succeeded)
            {
                return ChannelAccess.EverythingUntil(result.Properties?.ExpiresUtc);
            }
        }

        var isSignedIn = result?.Succeeded ?? context.User.Identity?.IsAuthenticated == true;
        if (presented.Refusal is { } refusal && (presented.IsForHub || !isSignedIn))
        {
            throw refusal;
        }

        return allowsAnonymous ? ChannelAccess.Anonymous
            : policyName is null ? throw new ChannelRefusal(ChannelError.TokenMissing)
            : throw (isSignedIn
                ? new ChannelRefusal(ChannelError.Denied)
                : new ChannelRefusal(ChannelError.TokenMissing, "Sign in, or present an access token of this hub."));
    }

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
