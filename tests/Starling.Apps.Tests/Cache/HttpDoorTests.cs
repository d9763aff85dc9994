using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Cache;
using Starling.Apps.Cache.Http;
using Starling.Apps.Cache.Links;
using Starling.Server.Hosting;

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

    [Fact]
    public async Task A_type_beyond_ascii_goes_out_without_what_no_header_may_have()
    {
        await using var source = new RawSource("HTTP/1.1 200 OK\r\nContent-Type: text/plain; x=\"\u00e9\"\r\nContent-Length: 5\r\n\r\nhello");
        await using var cache = await RunningCache.StartAsync();
        using var client = cache.Client();
        await cache.GrabAsync(source.Url);
        using var answer = await client.GetAsync("?command=get&options=1", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
    }

    [Theory]
    [InlineData("text/plain; charset=\"\u00fc\"", "text/plain")]
    [InlineData("text/plain; x=\"\u0001\"", "text/plain")]
    [InlineData("text/plain; charset=utf-8", "text/plain; charset=utf-8")]
    [InlineData("n\u00fcnsense", "application/octet-stream")]
    public void No_header_of_an_entry_is_beyond_ascii(string type, string expected)
    {
        var response = new DefaultHttpContext().Response;
        var head = new ResourceHead("http://b\u00fccher.example/", "http://b\u00fccher.example/", "HTTP/1.1 200 OK", null, [new HeaderField("Content-Type", type)]);
        EntryHeaders.Apply(response, new Entry(1, 1, default, default, head));
        Assert.Equal(expected, response.ContentType);
        Assert.All(response.Headers, header => Assert.True(header.Value.ToString().All(letter => letter is >= ' ' and <= '~'), header.ToString()));
    }

    [Theory]
    [InlineData("?command=stats", 500, "internal-error")]
    [InlineData("?command=get&options=0", 400, "bad-command")]
    public async Task A_failure_is_an_answer_of_its_own(string query, int status, string error)
    {
        using var log = new LogLines();
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = "/";
        context.Request.Host = new HostString("localhost");
        context.Request.QueryString = new QueryString(query);
        context.Response.ContentLength = 200_000;
        context.Response.Headers["X-Entry"] = "1";
        using var body = new MemoryStream();
        context.Response.Body = body;

        // Without a router every command fails as nobody foresaw.
        await new HttpCommands(null!, new OriginGuard(new OriginGuardOptions()), () => { }, log).HandleAsync(context);
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Null(context.Response.ContentLength);
        Assert.False(context.Response.Headers.ContainsKey("X-Entry"));
        Assert.Equal("nosniff", context.Response.Headers.XContentTypeOptions);
        Assert.Equal(error, JsonSerializer.Deserialize<JsonElement>(body.ToArray()).GetProperty("error").GetString());
        Assert.Equal(status == 500, log.All.Any(line => line.Exception is not null));
    }

    [Fact]
    public async Task A_failure_of_the_storage_is_507_and_the_next_grab_fetches_again()
    {
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync();
        using var client = cache.Client();
        var grab = $"?command=grab&options={source.Url}/bytes/200000";
        await JsonAsync(client, HttpMethod.Post, grab, HttpStatusCode.Created);
        await using (var file = File.OpenWrite(Path.Combine(cache.Folder, "entries", "0000000001.entry")))
        {
            file.SetLength(100_000);
        }

        var answer = await JsonAsync(client, HttpMethod.Get, "?command=get&options=1", HttpStatusCode.InsufficientStorage);
        Assert.Equal("storage-failed", answer.GetProperty("error").GetString());
        await JsonAsync(client, HttpMethod.Post, grab, HttpStatusCode.Created);
        Directory.Delete(Path.Combine(cache.Folder, "entries"), recursive: true);
        answer = await JsonAsync(client, HttpMethod.Post, grab + "0", HttpStatusCode.InsufficientStorage);
        Assert.Equal("storage-failed", answer.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_service_that_dies_while_somebody_downloads_is_worth_a_line()
    {
        using var log = new LogLines();
        await using var source = await CacheSource.StartAsync();
        await using var cache = await RunningCache.StartAsync(options => options with { Run = RunMode.Processes, Start = [], LoggerFactory = log });
        using var ending = new CancellationTokenSource();
        using var client = cache.Client();
        var services = new[] { "fetch", "cache" }.Select(role => CacheService.RunAsync(
            role, null, cache.Server.Address, Path.Combine(cache.Folder, "by-hand"), null, false, NullLoggerFactory.Instance, ending.Token)).ToList();
        await cache.GrabAsync(source.Url + "/megabytes/50");
        using var half = await client.GetAsync("?command=get&options=1", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await half.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte[100], TestContext.Current.CancellationToken);
        await ending.CancelAsync();
        await Task.WhenAll(services);
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        var line = Assert.Single(log.All, line => line.Text.StartsWith("A request over HTTP failed", StringComparison.Ordinal));
        Assert.Equal("A request over HTTP failed: The cache service was lost while entry 1 was read; read it again.", line.Text);
        Assert.Null(line.Exception);
    }

    [Fact]
    public async Task The_name_of_a_host_does_not_depend_on_case()
    {
        await using var cache = await RunningCache.StartAsync();
        using var client = cache.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "?command=list");
        request.Headers.Host = "LocalHost";
        request.Headers.Add("Origin", "http://localhost");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
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
