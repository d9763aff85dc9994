using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Starling.Server.Backplane;

namespace Starling.Server.Tests.Channels;

/// <summary>Mercure, sections "Active Subscriptions" and "Protected Resource Metadata".</summary>
public sealed class SubscriptionApiTests
{
    private const string Root = "/.well-known/mercure/subscriptions";

    [Fact]
    public async Task Subscriptions_are_announced_listed_and_ended()
    {
        await using var hub = await RunningHub.StartAsync();
        await using var watcher = await hub.SubscribeAsync("match_urlpattern=" + Root + "/:type/:match/:subscriber", Token.Everything());
        await Own(watcher);
        var token = Token.Create(
            Token.Detail("subscribe", "https://example.com/:selector", "urlpattern", new JsonObject { ["foo"] = "bar" }),
            Token.Detail("subscribe", "*", payload: new JsonObject { ["rest"] = 1 }));
        var subscriber = await hub.SubscribeAsync("match_urlpattern=https://example.com/:selector&match=a%2Fb", token);

        var events = new List<JsonElement>();
        for (var i = 0; i < 2; i++)
        {
            var item = await watcher.NextAsync();
            Assert.Equal("mercure", item.EventType);
            events.Add(JsonDocument.Parse(item.Data).RootElement);
        }

        var pattern = events.Single(item => item.GetProperty("match_type").GetString() == "urlpattern");
        var exact = events.Single(item => item.GetProperty("match_type").GetString() == "exact");
        var id = pattern.GetProperty("subscriber").GetString()!;
        Assert.StartsWith("urn:uuid:", id, StringComparison.Ordinal);
        Assert.Equal(id, exact.GetProperty("subscriber").GetString());
        Assert.Equal($"{Root}/urlpattern/https%3A%2F%2Fexample.com%2F%3Aselector/{Uri.EscapeDataString(id)}", pattern.GetProperty("id").GetString());
        Assert.Equal($"{Root}/exact/a%2Fb/{Uri.EscapeDataString(id)}", exact.GetProperty("id").GetString());
        Assert.Equal("bar", pattern.GetProperty("payload").GetProperty("foo").GetString());
        Assert.Equal(1, exact.GetProperty("payload").GetProperty("rest").GetInt32());
        Assert.True(pattern.GetProperty("active").GetBoolean());

        using var all = await hub.GetAsync(Root, Token.Everything());
        using var some = await hub.GetAsync($"{Root}/exact/a%2Fb", Token.Everything());
        using var one = await hub.GetAsync(exact.GetProperty("id").GetString()!, Token.Everything());
        Assert.Equal(3, (await Json(all)).GetProperty("subscriptions").GetArrayLength());
        var collection = await Json(some);
        Assert.Equal($"{Root}/exact/a%2Fb", collection.GetProperty("id").GetString());
        Assert.Equal("subscriptions", collection.GetProperty("type").GetString());
        Assert.Equal(exact.GetRawText(), collection.GetProperty("subscriptions")[0].GetRawText());
        Assert.Equal(exact.GetRawText(), (await Json(one)).GetRawText());
        Assert.Equal("application/json", one.Content.Headers.ContentType?.ToString());
        Assert.Matches("""^</.well-known/mercure>; rel="mercure"; last-event-id="#[^"]+"; type="mercure"; content-type="application/json"$""",
            one.Headers.GetValues("Link").Single());

        await subscriber.DisposeAsync();
        for (var i = 0; i < 2; i++)
        {
            var ended = JsonDocument.Parse((await watcher.NextAsync()).Data).RootElement;
            Assert.False(ended.GetProperty("active").GetBoolean());
            Assert.Equal(id, ended.GetProperty("subscriber").GetString());
        }

        using var gone = await hub.GetAsync(exact.GetProperty("id").GetString()!, Token.Everything());
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task The_list_is_only_for_those_whose_token_grants_its_address()
    {
        await using var hub = await RunningHub.StartAsync();

        using var anonymous = await hub.GetAsync(Root);
        using var other = await hub.GetAsync(Root, Token.Create(Token.Detail("subscribe", "a")));
        using var publisher = await hub.GetAsync(Root, Token.Create(Token.Detail("publish", "*")));
        using var exact = await hub.GetAsync(Root + "?x=1", Token.Create(Token.Detail("subscribe", Root)));
        using var pattern = await hub.GetAsync(Root + "/exact/a", Token.Create(Token.Detail("subscribe", Root + "/*", "urlpattern")));
        await using var watcher = await hub.SubscribeAsync("match_urlpattern=*&match=end", Token.Create(Token.Detail("subscribe", "a")));
        await using var someone = await hub.SubscribeAsync("match=b");
        await hub.PublishAsync("end", "end");

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, publisher.StatusCode);
        Assert.Equal(HttpStatusCode.OK, exact.StatusCode);
        Assert.Equal(HttpStatusCode.OK, pattern.StatusCode);
        Assert.Equal("end", (await watcher.NextAsync()).Data);
    }

    [Fact]
    public async Task Subscriptions_of_all_nodes_are_listed_and_those_of_a_dead_node_end()
    {
        var nodes = new InMemoryBackplaneHub();
        var time = new ManualTime();
        await using var first = await RunningHub.StartAsync(backplane: new InMemoryBackplane(nodes), time: time, configure: options => options.AcceptLegacyTokens = false);
        var deadBackplane = new InMemoryBackplane(nodes);
        await using var second = await RunningHub.StartAsync(backplane: deadBackplane, time: time);
        await using var there = await second.SubscribeAsync("match=there");
        await Eventually.TrueAsync(() => first.Presence.ListAll(Root).Count == 1, "the first node hears of the second's subscription");

        await deadBackplane.DisposeAsync();
        time.Advance(TimeSpan.FromSeconds(40));

        await Eventually.TrueAsync(() => first.Presence.ListAll(Root).Count == 0, "the dead node's subscription ends");
    }

    [Fact]
    public async Task The_metadata_say_what_tokens_must_look_like()
    {
        await using var hub = await RunningHub.StartAsync(options => options.CookieName = "c");

        using var response = await hub.GetAsync("/.well-known/oauth-protected-resource/.well-known/mercure");

        var metadata = await Json(response);
        Assert.Equal(Token.Audience, metadata.GetProperty("resource").GetString());
        Assert.Equal("https://mercure.rocks/authorization-detail", metadata.GetProperty("authorization_details_types_supported")[0].GetString());
        Assert.Equal("header", metadata.GetProperty("bearer_methods_supported")[0].GetString());
        Assert.Equal("c", metadata.GetProperty("mercure_cookie").GetString());
        Assert.True(metadata.GetProperty("mercure_subscriptions").GetBoolean());
    }

    // Its own subscription is announced to it as well.
    private static async Task Own(EventStream watcher) => Assert.Equal("mercure", (await watcher.NextAsync()).EventType);

    private static async Task<JsonElement> Json(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }
}
