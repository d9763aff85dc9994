using System.Net;
using System.Text;

namespace Starling.Server.Tests.Channels;

/// <summary>Mercure, section "Publication".</summary>
public sealed class PublicationTests
{
    [Fact]
    public async Task A_publication_is_answered_with_its_id_as_plain_text_and_reaches_the_subscribers_of_all_its_topics()
    {
        await using var hub = await RunningHub.StartAsync();
        await using var first = await hub.SubscribeAsync("match=a");
        await using var second = await hub.SubscribeAsync("match=b&match=a");
        await using var other = await hub.SubscribeAsync("match=c");

        using var response = await hub.PostAsync("topic=a&topic=b&data=hello&id=urn:x:1&type=greeting&retry=1500&unknown=ignored", Token.Everything());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("urn:x:1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        foreach (var stream in new[] { first, second })
        {
            var item = await stream.NextAsync();
            Assert.Equal(("urn:x:1", "greeting", "hello"), (item.EventId, item.EventType, item.Data));
            Assert.Equal(TimeSpan.FromMilliseconds(1500), stream.ReconnectionInterval);
        }

        await hub.PublishAsync("a", "next");
        await hub.PublishAsync("c", "mine");
        Assert.Equal("next", (await second.NextAsync()).Data);
        Assert.Equal("mine", (await other.NextAsync()).Data);
    }

    [Theory]
    [InlineData("one\ntwo", "one\ntwo")]
    [InlineData("one\r\ntwo\rthree\n", "one\ntwo\nthree\n")]
    [InlineData("", "")]
    [InlineData("x\nid: forged\nevent: forged", "x\nid: forged\nevent: forged")]
    [InlineData("漢字 😀", "漢字 😀")]
    public async Task Data_arrive_line_by_line_and_cannot_forge_fields(string data, string expected)
    {
        await using var hub = await RunningHub.StartAsync();
        await using var stream = await hub.SubscribeAsync("match=t");

        var id = await hub.PublishAsync("t", data);

        var item = await stream.NextAsync();
        Assert.Equal((expected, id, "message"), (item.Data, item.EventId, item.EventType));
    }

    [Theory]
    [InlineData("data=x", 400)]
    [InlineData("topic=&data=x", 400)]
    [InlineData("topic=*", 400)]
    [InlineData("topic=a%0Ab", 400)]
    [InlineData("topic=a%C2%85b", 400)]
    [InlineData("topic=a%E2%80%8Bb", 400)]
    [InlineData("topic=a&topic=%E2%80%AE", 400)]
    [InlineData("topic=%FF", 400)]
    [InlineData("topic=a&data=%FF", 400)]
    [InlineData("topic=a&id=%23x", 400)]
    [InlineData("topic=a&id=earliest", 400)]
    [InlineData("topic=a&id=x%0Adata:forged", 400)]
    [InlineData("topic=a&type=mercure", 400)]
    [InlineData("topic=a&type=x%0D%0Adata:forged", 400)]
    [InlineData("topic=a&retry=1s", 400)]
    [InlineData("topic=a&retry=-1", 400)]
    [InlineData("topic=a&retry=%D9%A1", 400)]
    [InlineData("topic=/.well-known/mercure", 400)]
    [InlineData("topic=/.well-known/mercure/subscriptions/exact/a/b", 400)]
    [InlineData("topic=https://elsewhere.example/.well-known/mercure/x", 400)]
    [InlineData("topic=/.well-known/%256Dercure/x", 400)]
    [InlineData("topic=/.well-known/%25256Dercure/x", 200)]
    [InlineData("topic=/.well-known/%6Dercure/x", 400)]
    [InlineData("topic=/.well-known/%25%36Dercure/x", 400)]
    [InlineData("topic=/.well-known/mercure/../mercure/x", 400)]
    [InlineData("topic=/.well-known/mercurex", 200)]
    [InlineData("topic=a&topic=/.well-known/mercure/x", 400)]
    [InlineData("topic=http://%5Bnot a url", 200)]
    [InlineData("topic=a&private", 200)]
    public async Task The_rules_for_fields_are_kept_whatever_the_token_says(string form, int status)
    {
        await using var hub = await RunningHub.StartAsync();

        using var response = await hub.PostAsync(form, Token.Everything());

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        if (status != 200)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task An_offer_of_another_protocol_is_passed_over()
    {
        await using var hub = await RunningHub.StartAsync();
        using var response = await hub.PostAsync("topic=news&data=hello", Token.Everything(), request =>
        {
            // As Java's client sends it.
            request.Headers.Connection.ParseAdd("Upgrade, HTTP2-Settings");
            request.Headers.Upgrade.ParseAdd("h2c");
            request.Headers.Add("HTTP2-Settings", "AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA");
        });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var poll = new HttpRequestMessage(HttpMethod.Get, "/.well-known/mercure?match=news&poll");
        poll.Headers.Connection.ParseAdd("Upgrade");
        poll.Headers.Upgrade.ParseAdd("h2c");
        using var answer = await hub.Http.SendAsync(poll, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_with_413()
    {
        await using var hub = await RunningHub.StartAsync(options => options.MaxUpdateBytes = 10_000);

        foreach (var form in new[]
        {
            "topic=a&data=" + new string('x', 10_000),
            "topic=" + new string('x', 5_000),
            "topic=a&id=" + new string('x', 5_000),
            "topic=a&type=" + new string('x', 5_000),
            string.Join('&', Enumerable.Range(0, 101).Select(i => "topic=" + i)),
        })
        {
            using var response = await hub.PostAsync(form, Token.Everything());
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }

        using var chunked = await hub.PostAsync("", Token.Everything(), request =>
        {
            request.Content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes("topic=a&data=" + new string('x', 50_000))));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
            request.Headers.TransferEncodingChunked = true;
        });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
        await hub.PublishAsync("a", "still up");
    }

    [Fact]
    public async Task Other_media_types_and_methods_are_refused()
    {
        await using var hub = await RunningHub.StartAsync();

        using var json = await hub.PostAsync("{}", Token.Everything(), request => request.Content = new StringContent("{}", Encoding.UTF8, "application/json"));
        using var put = await hub.Http.PutAsync(RunningHub.Path, new StringContent(""), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, put.StatusCode);
        Assert.Equal(["GET", "POST", "OPTIONS"], put.Content.Headers.Allow);
    }
}
