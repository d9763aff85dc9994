using System.Net;
using System.Text.Json;

namespace Starling.Apps.Tests.Cache;

public sealed class HttpDoorTests
{
    [Fact]
    public async Task Every_command_works_over_http()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        using var client = cache.Client();
        var grabbed = await JsonAsync(client, HttpMethod.Post, $"?command=grab&options={source.Url}/page", HttpStatusCode.Created);
        Assert.Equal((1, false), (grabbed.GetProperty("number").GetInt64(), grabbed.GetProperty("hit").GetBoolean()));
        var again = await JsonAsync(client, HttpMethod.Post, $"?command=grab&options={source.Url}/page", HttpStatusCode.OK);
        Assert.True(again.GetProperty("hit").GetBoolean());
        var list = await JsonAsync(client, HttpMethod.Get, "?command=list", HttpStatusCode.OK);
        Assert.Equal(source.Url + "/page", list[0].GetProperty("url").GetString());
        var figures = await JsonAsync(client, HttpMethod.Get, "?command=stats", HttpStatusCode.OK);
        Assert.Equal((1, 1), (figures.GetProperty("hits").GetInt32(), figures.GetProperty("store").GetProperty("entries").GetInt32()));
        Assert.Equal(1, (await JsonAsync(client, HttpMethod.Post, "?command=delete&options=1", HttpStatusCode.OK)).GetProperty("deleted").GetInt32());
        await JsonAsync(client, HttpMethod.Post, $"?command=grab&options={source.Url}/text/a", HttpStatusCode.Created);
        await JsonAsync(client, HttpMethod.Post, $"?command=grab&options={source.Url}/text/b", HttpStatusCode.Created);
        Assert.Equal(2, (await JsonAsync(client, HttpMethod.Post, "?command=delete", HttpStatusCode.OK)).GetProperty("deleted").GetInt32());
        Assert.False(cache.Server.Stopped.IsCompleted);
        await JsonAsync(client, HttpMethod.Post, "?command=stop", HttpStatusCode.Accepted);
        await cache.Server.Stopped.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_page_that_was_kept_cannot_act_as_ours()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        using var client = cache.Client();
        await cache.GrabAsync(source.Url + "/page");
        using var answer = await client.GetAsync("?command=get&options=1", TestContext.Current.CancellationToken);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("sandbox; default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Contains("<script>", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "?command=grab&options=http://a/", 405, "wrong-method")]
    [InlineData("GET", "?command=delete", 405, "wrong-method")]
    [InlineData("GET", "?command=stop", 405, "wrong-method")]
    [InlineData("POST", "?command=list", 405, "wrong-method")]
    [InlineData("GET", "?command=get&options=99", 404, "no-entry")]
    [InlineData("GET", "?command=get&options=x", 400, "bad-command")]
    [InlineData("GET", "?command=gte", 400, "bad-command")]
    [InlineData("GET", "", 400, "bad-command")]
    [InlineData("POST", "?command=delete&options=99", 404, "no-entry")]
    [InlineData("POST", "?command=grab&options=ftp://a/", 400, "bad-url")]
    [InlineData("POST", "?command=grab&options={0}/circle", 502, "bad-redirect")]
    [InlineData("POST", "?command=grab&options={0}/status/500", 502, "source-refused")]
    [InlineData("POST", "?command=grab&options={0}/silent", 504, "timed-out")]
    [InlineData("POST", "?command=grab&options={0}/bytes/5000", 413, "too-large")]
    [InlineData("GET", "elsewhere", 404, "no-such-path")]
    public async Task A_refusal_has_the_right_status_and_says_why(string method, string address, int status, string error)
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with
        {
            Fetch = options.Fetch with { MaxSize = 4999, Timeout = TimeSpan.FromSeconds(3) },
        });
        using var client = cache.Client();
        var answer = await JsonAsync(client, new HttpMethod(method), address.Replace("{0}", source.Url, StringComparison.Ordinal), (HttpStatusCode)status);
        Assert.Equal(error, answer.GetProperty("error").GetString());
        Assert.NotEmpty(answer.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_private_source_is_refused_with_403()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { Fetch = new Starling.Apps.Cache.FetchLimits() });
        using var client = cache.Client();
        var answer = await JsonAsync(client, HttpMethod.Post, $"?command=grab&options={source.Url}/text/a", HttpStatusCode.Forbidden);
        Assert.Equal("private-address", answer.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task Pages_of_other_origins_are_kept_out(string header, string value)
    {
        await using var cache = await RunningCache.StartAsync();
        using var client = cache.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "?command=delete");
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_large_entry_comes_whole_and_a_reader_that_leaves_disturbs_nobody()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        using var client = cache.Client();
        await cache.GrabAsync(source.Url + "/megabytes/20");
        using (var half = await client.GetAsync("?command=get&options=1", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            await using var body = await half.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.ReadExactlyAsync(new byte[100], TestContext.Current.CancellationToken);
        }

        var bytes = await client.GetByteArrayAsync("?command=get&options=1", TestContext.Current.CancellationToken);
        Assert.Equal(20 * CacheSource.Block, bytes.Length);
        Assert.All(Enumerable.Range(0, 20), block => Assert.Equal((byte)block, bytes[(block * CacheSource.Block) + 77]));
        await cache.WaitForAsync(figures => figures.Services.All(service => service.UnderWay == 0));
    }

    private static async Task<JsonElement> JsonAsync(HttpClient client, HttpMethod method, string address, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, address);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
