using System.Net;

namespace Starling.Server.Tests.Channels;

/// <summary>Mercure, sections "Subscription" and "Matcher Types".</summary>
public sealed class SubscriptionTests
{
    [Fact]
    public async Task An_event_stream_has_the_headers_that_proxies_and_browsers_need()
    {
        await using var hub = await RunningHub.StartAsync();
        await using var stream = await hub.SubscribeAsync("match=a");

        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.ToString());
        Assert.True(stream.Response.Headers.CacheControl!.NoCache);
        Assert.Equal("no", stream.Response.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.False(stream.Response.Headers.Contains("Mercure-Last-Event-ID"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("foo=bar")]
    [InlineData("match")]
    [InlineData("Match=a")]
    [InlineData("match_URLPattern=a")]
    [InlineData("match_regexp=a")]
    [InlineData("matchmaker=1&match=a")]
    [InlineData("match=a%00")]
    [InlineData("match=a%C2%80")]
    [InlineData("match=a%E2%80%8B")]
    [InlineData("match=%FF")]
    [InlineData("match_urlpattern=https://example.com/(")]
    [InlineData("match_urlpattern=https://example.com/:a/:a")]
    public async Task What_cannot_be_subscribed_to_is_refused_with_400(string query)
    {
        await using var hub = await RunningHub.StartAsync();

        await using var stream = await hub.SubscribeAsync(query);

        Assert.Equal(HttpStatusCode.BadRequest, stream.Response.StatusCode);
        Assert.Contains("\"detail\"", await stream.Response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_or_too_long_matchers_are_refused_with_400()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxMatchersPerSubscriber = 3);

        await using var many = await hub.SubscribeAsync("match=1&match=2&match=3&match=4");
        await using var longOne = await hub.SubscribeAsync("match=" + new string('x', 4097));
        await using var repeated = await hub.SubscribeAsync("match=1&match=1&match=2&match=2&match=3");

        Assert.Equal(HttpStatusCode.BadRequest, many.Response.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, longOne.Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, repeated.Response.StatusCode);
    }

    [Theory]
    [InlineData("match=caf%C3%A9", "café", true)]
    [InlineData("match=caf%C3%A9", "cafe\u0301", false)]
    [InlineData("match=A", "a", false)]
    [InlineData("match_exact=a+b%26c", "a b&c", true)]
    [InlineData("match=/books/1", "https://localhost/books/1", false)]
    [InlineData("match=*", "anything", true)]
    [InlineData("match_urlpattern=*", "http://[no url", true)]
    [InlineData("match_urlpattern=https://example.com/books/:id", "https://example.com/books/1", true)]
    [InlineData("match_urlpattern=https://example.com/books/:id", "https://EXAMPLE.com/books/1", true)]
    [InlineData("match_urlpattern=https://example.com/Books/:id", "https://example.com/books/1", false)]
    [InlineData("match_urlpattern=/books/:id", "https://localhost/books/1", true)]
    [InlineData("match_urlpattern=/books/:id", "/books/1", true)]
    [InlineData("match_urlpattern=/books/:id", "http://[no url", false)]
    [InlineData("topic=https://example.com/%7Bkind%7D/1", "https://example.com/books/1", true)]
    [InlineData("topic=https://example.com/%7Bkind%7D", "https://example.com/books/1", false)]
    [InlineData("topic=plain", "plain", true)]
    public async Task A_matcher_selects_what_its_type_says(string query, string topic, bool matches)
    {
        await using var hub = await RunningHub.StartAsync();
        await using var stream = await hub.SubscribeAsync(query + "&match=end");

        await hub.PublishAsync(topic, "it");
        await hub.PublishAsync("end", "end");

        Assert.Equal(matches ? "it" : "end", (await stream.NextAsync()).Data);
    }

    [Fact]
    public async Task A_publication_that_several_matchers_select_arrives_once()
    {
        await using var hub = await RunningHub.StartAsync();
        await using var stream = await hub.SubscribeAsync("match=a&match=b&match_urlpattern=*&match_urlpattern=/:x");

        using var _ = await hub.PostAsync("topic=a&topic=b&data=once", Token.Everything());
        await hub.PublishAsync("a", "next");

        Assert.Equal("once", (await stream.NextAsync()).Data);
        Assert.Equal("next", (await stream.NextAsync()).Data);
    }

    [Fact]
    public async Task The_older_parameter_topic_can_be_switched_off()
    {
        await using var hub = await RunningHub.StartAsync(options => options.AcceptLegacyTopicParameter = false);

        await using var stream = await hub.SubscribeAsync("topic=a");

        Assert.Equal(HttpStatusCode.BadRequest, stream.Response.StatusCode);
    }

    [Fact]
    public async Task Limits_of_subscribers_are_refused_with_429_and_free_places_are_given_again()
    {
        await using var hub = await RunningHub.StartAsync(options =>
        {
            options.MaxSubscribers = 2;
            options.MaxSubscribersPerToken = 1;
        });
        var token = Token.Everything();
        var first = await hub.SubscribeAsync("match=a", token);
        await using var sameToken = await hub.SubscribeAsync("match=a", token);
        await using var second = await hub.SubscribeAsync("match=a");
        await using var third = await hub.SubscribeAsync("match=a");

        Assert.Equal(HttpStatusCode.TooManyRequests, sameToken.Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.Response.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, third.Response.StatusCode);
        Assert.NotNull(third.Response.Headers.RetryAfter);

        await first.DisposeAsync();
        for (var i = 0; ; i++)
        {
            await using var again = await hub.SubscribeAsync("match=a", token);
            if (again.Response.IsSuccessStatusCode)
            {
                break;
            }

            Assert.True(i < 200, "The place was not given again.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Pages_of_allowed_origins_may_send_credentials_and_others_may_not()
    {
        await using var hub = await RunningHub.StartAsync(options =>
        {
            options.AllowedOrigins.Add("https://app.example");
            options.AllowedOrigins.Add("*");
        });

        foreach (var (origin, allowed, credentials) in new[] { ("https://app.example", "https://app.example", true), ("https://evil.example", "*", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, RunningHub.Path);
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            using var response = await hub.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Equal(allowed, response.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Equal(credentials, response.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }
}
