using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Channels;
using Starling.Server.Channels.Authorization;

namespace Starling.Server.Tests.Channels;

/// <summary>Mercure, section "Authorization", with its subsections.</summary>
public sealed class AuthorizationTests
{
    private const string Publish = "topic=https://example.com/books/1&data=x";

    [Fact]
    public async Task Without_a_token_a_publisher_is_asked_for_one_without_an_error_code()
    {
        await using var hub = await RunningHub.StartAsync();

        using var response = await hub.PostAsync(Publish);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var challenge = response.Headers.WwwAuthenticate.Single();
        Assert.Equal("Bearer", challenge.Scheme);
        Assert.DoesNotContain("error", challenge.Parameter, StringComparison.Ordinal);
        Assert.Contains($"resource_metadata=\"{hub.Url}.well-known/oauth-protected-resource/.well-known/mercure\"", challenge.Parameter, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwdw==")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    public async Task A_token_that_is_presented_wrongly_is_an_invalid_request(string header)
    {
        await using var hub = await RunningHub.StartAsync();

        using var response = await hub.PostAsync(Publish, change: request => request.Headers.TryAddWithoutValidation("Authorization", header));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("error=\"invalid_request\"", response.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
    }

    public static TheoryData<string> Faults =>
    [
        "not a token", "other secret", "alg none", "alg of a key of another kind", "wrong typ", "no typ", "expired", "no exp", "not yet", "other audience", "no audience",
        "other issuer", "no issuer", "details no array", "detail no object", "no actions", "empty actions", "action no string", "no topics", "empty topics",
        "topic no object", "no match", "unknown match type", "bad pattern", "control character", "payload no object", "too many topics", "too many details", "embedded key",
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_token_that_is_not_valid_is_refused_whatever_is_wrong(string fault)
    {
        await using var hub = await RunningHub.StartAsync();
        var token = fault switch
        {
            "not a token" => "a.b.c",
            "other secret" => Token.Create(All, sign: bytes => HMACSHA256.HashData("another secret of at least thirty-two"u8, bytes)),
            "alg none" => Token.Create(All, head => head["alg"] = "none", _ => []),
            "alg of a key of another kind" => Token.Create(All, head => head["alg"] = "HS384", bytes => HMACSHA384.HashData(Encoding.UTF8.GetBytes(Token.Secret), bytes)),
            "wrong typ" => Token.Create(All, head => head["typ"] = "JWT"),
            "no typ" => Token.Create(All, head => head.Remove("typ")),
            "embedded key" => EmbeddedKey(),
            _ => Token.Create(claims => Spoil(claims, fault)),
        };

        using var published = await hub.PostAsync(Publish, token);
        await using var subscribed = await hub.SubscribeAsync("match=a", token);

        foreach (var response in new[] { published, subscribed.Response })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Contains("error=\"invalid_token\"", response.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("at+jwt")]
    [InlineData("AT+JWT")]
    [InlineData("application/at+jwt")]
    public async Task A_valid_token_is_taken_whatever_the_case_of_its_typ_and_with_several_audiences(string type)
    {
        await using var hub = await RunningHub.StartAsync();
        var token = Token.Create(
            claims =>
            {
                All(claims);
                claims["aud"] = new JsonArray("https://elsewhere.example", Token.Audience);
            },
            head => head["typ"] = type);

        using var response = await hub.PostAsync(Publish, token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task Signatures_of_asymmetric_keys_are_verified(string algorithm)
    {
        using var rsa = RSA.Create(2048);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = algorithm == "RS256" ? rsa.ExportSubjectPublicKeyInfoPem() : ecdsa.ExportSubjectPublicKeyInfoPem();
        await using var hub = await RunningHub.StartAsync(options =>
        {
            options.Keys.Clear();
            options.Keys.Add(new TokenKey { Algorithm = algorithm, Key = pem, Issuer = Token.Issuer, KeyId = "k1" });
        });
        byte[] Sign(byte[] bytes) => algorithm == "RS256"
            ? rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ecdsa.SignData(bytes, HashAlgorithmName.SHA256);

        using var good = await hub.PostAsync(Publish, Token.Create(All, head => (head["alg"], head["kid"]) = (algorithm, "k1"), Sign));
        using var forged = await hub.PostAsync(
            Publish, Token.Create(All, head => head["alg"] = "HS256", bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(pem), bytes)));
        using var otherKey = await hub.PostAsync(Publish, Token.Create(All, head => (head["alg"], head["kid"]) = (algorithm, "k2"), Sign));

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, otherKey.StatusCode);
    }

    [Fact]
    public async Task A_key_is_tried_for_its_own_issuer_only()
    {
        await using var hub = await RunningHub.StartAsync(options =>
            options.Keys.Add(new TokenKey { Key = "the secret of another issuer, long enough", Issuer = "https://other.example" }));
        byte[] Other(byte[] bytes) => HMACSHA256.HashData("the secret of another issuer, long enough"u8, bytes);

        using var own = await hub.PostAsync(Publish, Token.Create(claims =>
        {
            All(claims);
            claims["iss"] = "https://other.example";
        }, sign: Other));
        using var posing = await hub.PostAsync(Publish, Token.Create(All, sign: Other));

        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, posing.StatusCode);
    }

    [Fact]
    public async Task A_publisher_must_be_allowed_every_topic_of_the_update()
    {
        await using var hub = await RunningHub.StartAsync();
        await using var stream = await hub.SubscribeAsync("match=a&match=b");
        var token = Token.Create(Token.Detail("publish", "a"), Token.Detail("subscribe", "*"), Token.Detail("juggle", "b"));

        using var refused = await hub.PostAsync("topic=a&topic=b&data=both", token);
        using var allowed = await hub.PostAsync("topic=a&data=one", token);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("error=\"insufficient_scope\"", refused.Headers.WwwAuthenticate.Single().Parameter, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal("one", (await stream.NextAsync()).Data);
    }

    [Fact]
    public async Task A_private_update_reaches_those_whose_token_allows_one_of_its_topics_and_no_one_else()
    {
        await using var hub = await RunningHub.StartAsync();
        const string Query = "match_urlpattern=https://example.com/books/:id&match=end";
        await using var anonymous = await hub.SubscribeAsync(Query);
        await using var other = await hub.SubscribeAsync(Query, Token.Create(Token.Detail("subscribe", "https://example.com/books/2")));
        await using var byName = await hub.SubscribeAsync(Query, Token.Create(Token.Detail("subscribe", "https://example.com/books/1")));
        await using var byPattern = await hub.SubscribeAsync(Query, Token.Create(Token.Detail("subscribe", "https://example.com/users/42/*", "urlpattern")));
        await using var publisher = await hub.SubscribeAsync(Query, Token.Create(Token.Detail("publish", "*")));

        using var response = await hub.PostAsync(
            "topic=https://example.com/books/1&topic=https://example.com/users/42/books/1&private=&data=secret", Token.Everything());
        await hub.PublishAsync("end", "end");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("secret", (await byName.NextAsync()).Data);
        Assert.Equal("secret", (await byPattern.NextAsync()).Data);
        foreach (var stream in new[] { anonymous, other, publisher })
        {
            Assert.Equal("end", (await stream.NextAsync()).Data);
        }
    }

    [Fact]
    public async Task Replayed_private_updates_need_authorisation_like_live_ones()
    {
        await using var hub = await RunningHub.StartAsync();
        await hub.PublishAsync("a", "secret", "&private=on");
        await hub.PublishAsync("a", "public");

        await using var anonymous = await hub.SubscribeAsync("match=a&last_event_id=earliest");
        await using var allowed = await hub.SubscribeAsync("match=a&last_event_id=earliest", Token.Everything());

        Assert.Equal("public", (await anonymous.NextAsync()).Data);
        Assert.Equal("secret", (await allowed.NextAsync()).Data);
    }

    [Fact]
    public async Task The_connection_ends_before_the_token_does()
    {
        var time = new ManualTime();
        await using var hub = await RunningHub.StartAsync(time: time);
        var token = Token.Create(claims =>
        {
            All(claims);
            claims["exp"] = time.GetUtcNow().AddMinutes(10).ToUnixTimeSeconds();
        });
        await using var stream = await hub.SubscribeAsync("match=a", token);

        time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(2));
        await hub.Publisher.PublishAsync(new Update("a", "still there"), TestContext.Current.CancellationToken);
        Assert.Equal("still there", (await stream.NextAsync()).Data);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await stream.EndsAsync());
    }

    [Fact]
    public async Task A_browser_may_present_the_token_as_cookie_but_only_from_pages_of_the_hub_or_allowed_origins()
    {
        await using var hub = await RunningHub.StartAsync(options =>
        {
            options.CookieName = "mercure";
            options.AllowedOrigins.Add("https://app.example");
        });
        var cookie = "mercure=" + Token.Everything();
        async Task<HttpStatusCode> Post(string? origin, string? referer = null, string? bearer = null)
        {
            using var response = await hub.PostAsync(Publish, bearer, request =>
            {
                request.Headers.Add("Cookie", cookie);
                if (origin is not null)
                {
                    request.Headers.Add("Origin", origin);
                }

                if (referer is not null)
                {
                    request.Headers.TryAddWithoutValidation("Referer", referer);
                }
            });
            return response.StatusCode;
        }

        var own = hub.Url.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.OK, await Post(own));
        Assert.Equal(HttpStatusCode.OK, await Post(null, own + "/page"));
        Assert.Equal(HttpStatusCode.OK, await Post("https://app.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await Post("https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await Post(null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Post(own, bearer: "broken"));
    }

    [Fact]
    public async Task Tokens_of_older_hubs_are_taken_unless_that_is_switched_off()
    {
        var token = Token.Create(
            claims =>
            {
                foreach (var name in new[] { "iss", "aud", "exp", "sub", "jti", "client_id" })
                {
                    claims.Remove(name);
                }

                claims["mercure"] = new JsonObject { ["publish"] = new JsonArray("https://example.com/{kind}/{id}"), ["subscribe"] = new JsonArray("*") };
            },
            head => head["typ"] = "JWT");
        await using var tolerant = await RunningHub.StartAsync();
        await using var strict = await RunningHub.StartAsync(options => options.AcceptLegacyTokens = false);

        using var taken = await tolerant.PostAsync(Publish, token);
        using var elsewhere = await tolerant.PostAsync("topic=https://example.org/a/b", token);
        using var refused = await strict.PostAsync(Publish, token);

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Policies_of_the_application_can_stand_in_for_tokens()
    {
        await using var hub = await RunningHub.StartAsync(
            options => (options.PublishPolicy, options.SubscribePolicy, options.AllowAnonymousSubscribers) = ("publishers", "readers", true),
            build: builder => builder.Services.AddAuthorizationBuilder()
                .AddPolicy("publishers", policy => policy.RequireAssertion(context => TopicsOf(context).All(topic => topic.StartsWith("open", StringComparison.Ordinal))))
                .AddPolicy("readers", policy => policy.RequireAssertion(context => TopicsOf(context).Contains("open/1"))));
        await using var reader = await hub.SubscribeAsync("match=open/1");
        await using var stranger = await hub.SubscribeAsync("match=open/2&match=open/3");

        using var refused = await hub.PostAsync("topic=closed&data=x");
        using var allowed = await hub.PostAsync("topic=open/1&topic=open/2&data=private&private=on");
        using var published = await hub.PostAsync("topic=open/3&data=public");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        Assert.Equal("private", (await reader.NextAsync()).Data);
        Assert.Equal("public", (await stranger.NextAsync()).Data);
    }

    [Fact]
    public async Task Subscribers_can_be_made_to_present_a_token()
    {
        await using var hub = await RunningHub.StartAsync(options => options.AllowAnonymousSubscribers = false);

        await using var anonymous = await hub.SubscribeAsync("match=a");
        await using var known = await hub.SubscribeAsync("match=a", Token.Everything());

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, known.Response.StatusCode);
    }

    [Theory]
    [InlineData("short", "HS256")]
    [InlineData("a secret of at least thirty-two bytes", "HS512")]
    [InlineData("no pem", "RS256")]
    [InlineData("no pem", "ROT13")]
    public async Task A_key_that_cannot_work_stops_the_start_with_an_explanation(string key, string algorithm)
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            RunningHub.StartAsync(options => options.Keys.Add(new TokenKey { Key = key, Algorithm = algorithm })));

        Assert.Contains(algorithm, failure.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> TopicsOf(AuthorizationHandlerContext context) => ((ChannelRequest)context.Resource!).Topics;

    private static void All(JsonObject claims) =>
        claims["authorization_details"] = new JsonArray(Token.Detail("publish", "*"), Token.Detail("subscribe", "*"));

    private static string EmbeddedKey()
    {
        using var rsa = RSA.Create(2048);
        var parameters = rsa.ExportParameters(includePrivateParameters: false);
        return Token.Create(
            All,
            head =>
            {
                head["alg"] = "RS256";
                head["jwk"] = new JsonObject
                {
                    ["kty"] = "RSA",
                    ["n"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Modulus),
                    ["e"] = System.Buffers.Text.Base64Url.EncodeToString(parameters.Exponent),
                };
            },
            bytes => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static void Spoil(JsonObject claims, string fault)
    {
        All(claims);
        var detail = claims["authorization_details"]![0]!.AsObject();
        var topic = detail["topics"]![0]!.AsObject();
        Action spoil = fault switch
        {
            "expired" => () => claims["exp"] = DateTimeOffset.UtcNow.AddSeconds(-2).ToUnixTimeSeconds(),
            "no exp" => () => claims.Remove("exp"),
            "not yet" => () => claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds(),
            "other audience" => () => claims["aud"] = "https://elsewhere.example",
            "no audience" => () => claims.Remove("aud"),
            "other issuer" => () => claims["iss"] = "https://elsewhere.example",
            "no issuer" => () => claims.Remove("iss"),
            "details no array" => () => claims["authorization_details"] = "all",
            "detail no object" => () => claims["authorization_details"]!.AsArray().Add("x"),
            "no actions" => () => detail.Remove("actions"),
            "empty actions" => () => detail["actions"] = new JsonArray(),
            "action no string" => () => detail["actions"]!.AsArray().Add(1),
            "no topics" => () => detail.Remove("topics"),
            "empty topics" => () => detail["topics"] = new JsonArray(),
            "topic no object" => () => detail["topics"]!.AsArray().Add("a"),
            "no match" => () => topic.Remove("match"),
            "unknown match type" => () => topic["match_type"] = "regexp",
            "bad pattern" => () => (topic["match"], topic["match_type"]) = ("https://example.com/(", "urlpattern"),
            "control character" => () => topic["match"] = "a\u0001",
            "payload no object" => () => detail["payload"] = "x",
            "too many topics" => () => detail["topics"] = new JsonArray([.. Enumerable.Range(0, 101).Select(i => new JsonObject { ["match"] = $"{i}" })]),
            "too many details" => () => claims["authorization_details"] = new JsonArray([.. Enumerable.Range(0, 101).Select(i => Token.Detail("publish", $"{i}"))]),
            _ => throw new ArgumentException(fault),
        };
        spoil();
    }
}
