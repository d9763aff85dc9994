using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Server.Channels;

namespace Starling.Server.Tests.Channels;

/// <summary>Channels beside the application's own authentication.</summary>
public sealed class PolicyTests
{
    private const string Publish = "topic=a&data=secret&private=on";
    private const string UserToken = "opaque-token-of-the-application";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_user_of_a_policy_may_have_a_bearer_token_of_the_application(bool withKeys)
    {
        await using var hub = await StartAsync(options =>
        {
            if (!withKeys)
            {
                options.Keys.Clear();
            }
        });
        await using var reader = await hub.SubscribeAsync("match=a", UserToken);

        using var published = await hub.PostAsync(Publish, UserToken);

        Assert.Equal(HttpStatusCode.OK, reader.Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        Assert.Equal("secret", (await reader.NextAsync()).Data);
    }

    [Fact]
    public async Task A_token_of_neither_the_hub_nor_the_application_is_refused_as_invalid()
    {
        await using var hub = await StartAsync();

        await using var reader = await hub.SubscribeAsync("match=a", "unknown");
        using var published = await hub.PostAsync(Publish, "unknown");

        Assert.Equal(HttpStatusCode.Unauthorized, reader.Response.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, published.StatusCode);
        Assert.Contains("invalid_token", published.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_token_of_the_hub_is_refused_even_to_a_signed_in_user_of_no_policy()
    {
        await using var hub = await StartAsync(options => (options.PublishPolicy, options.SubscribePolicy) = (null, null));
        var stale = Token.Create(claims =>
        {
            claims["authorization_details"] = new JsonArray(Token.Detail("subscribe", "*"));
            claims["exp"] = DateTimeOffset.UnixEpoch.ToUnixTimeSeconds() + 1;
        });

        await using var reader = await hub.SubscribeAsync("match=a", stale);
        await using var user = await hub.SubscribeAsync("match=a", UserToken);

        Assert.Equal(HttpStatusCode.Unauthorized, reader.Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, user.Response.StatusCode);
    }

    [Fact]
    public async Task With_a_policy_a_client_that_has_not_signed_in_may_not_subscribe()
    {
        await using var hub = await StartAsync();

        await using var anonymous = await hub.SubscribeAsync("match=a");
        await using var other = await hub.SubscribeAsync("match=a", UserToken + "-of-a-guest");

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.Response.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, other.Response.StatusCode);
    }

    [Fact]
    public async Task With_a_policy_anonymous_subscribers_can_be_allowed_and_get_public_updates_only()
    {
        await using var hub = await StartAsync(options => options.AllowAnonymousSubscribers = true);
        await using var anonymous = await hub.SubscribeAsync("match=a");
        await using var guest = await hub.SubscribeAsync("match=a", UserToken + "-of-a-guest");

        using var secret = await hub.PostAsync(Publish, UserToken);
        using var open = await hub.PostAsync("topic=a&data=open", UserToken);

        Assert.Equal("open", (await anonymous.NextAsync()).Data);
        Assert.Equal("open", (await guest.NextAsync()).Data);
    }

    [Fact]
    public async Task A_subscriber_gets_the_private_updates_of_those_matchers_that_the_policy_allows()
    {
        await using var hub = await StartAsync(
            options => (options.SubscribePolicy, options.AllowAnonymousSubscribers) = ("owners", true),
            policies => policies.AddPolicy("owners", policy => policy.RequireAssertion(context =>
                ((ChannelRequest)context.Resource!).Topics.All(topic => topic == "mine"))));
        await using var reader = await hub.SubscribeAsync("match=mine&match=yours&match_urlpattern=*");

        using var yours = await hub.PostAsync("topic=yours&data=secret&private=on", UserToken);
        using var mine = await hub.PostAsync("topic=mine&data=own&private=on", UserToken);
        using var open = await hub.PostAsync("topic=yours&data=open", UserToken);

        Assert.Equal("own", (await reader.NextAsync()).Data);
        Assert.Equal("open", (await reader.NextAsync()).Data);
    }

    [Fact]
    public async Task A_hub_without_keys_and_policies_serves_public_updates_whatever_the_authorization_header_says()
    {
        await using var hub = await RunningHub.StartAsync(options => options.Keys.Clear());

        await using var reader = await hub.SubscribeAsync("match=a", "a-token-of-something-else");
        using var published = await hub.PostAsync(Publish, "a-token-of-something-else");

        Assert.Equal(HttpStatusCode.OK, reader.Response.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, published.StatusCode);
    }

    [Fact]
    public async Task A_policy_that_does_not_exist_is_named_in_the_log()
    {
        await using var hub = await StartAsync(options => options.SubscribePolicy = "raeders");

        await using var reader = await hub.SubscribeAsync("match=a", UserToken);

        Assert.Equal(HttpStatusCode.InternalServerError, reader.Response.StatusCode);
    }

    [Theory]
    [InlineData("/.well-known/mercure?match=a")]
    [InlineData("/socket.io/?EIO=4&transport=polling")]
    [InlineData("/engine.io/?EIO=4&transport=polling")]
    public async Task An_endpoint_that_needs_a_user_answers_401_and_does_not_redirect_to_a_login_page(string path)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        builder.Services.AddAuthorization();
        builder.Services.AddChannels();
        builder.Services.AddSocketIO();
        builder.Services.AddEngineIO();
        await using var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapChannels().RequireAuthorization();
        app.MapSocketIO().Engine.Endpoint.RequireAuthorization();
        app.MapEngineIO().Endpoint.RequireAuthorization();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Urls.Single()) };

        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static Task<RunningHub> StartAsync(
        Action<ChannelOptions>? configure = null, Action<AuthorizationBuilder>? policies = null) => RunningHub.StartAsync(
        options =>
        {
            (options.PublishPolicy, options.SubscribePolicy) = ("members", "members");
            configure?.Invoke(options);
        },
        build: builder =>
        {
            builder.Services.AddAuthentication("Application").AddScheme<AuthenticationSchemeOptions, ApplicationTokens>("Application", null);
            var added = builder.Services.AddAuthorizationBuilder().AddPolicy("members", policy => policy.RequireRole("member"));
            policies?.Invoke(added);
        });

    private sealed class ApplicationTokens(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var header = Request.Headers.Authorization.ToString();
            if (!header.StartsWith("Bearer " + UserToken, StringComparison.Ordinal))
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var role = header == "Bearer " + UserToken ? "member" : "guest";
            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Role, role)], Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
        }
    }
}
