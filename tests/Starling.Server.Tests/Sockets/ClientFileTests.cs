using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Starling.Server.Tests.Sockets;

/// <summary>The browser client below the path of a server, as the reference server hands it out.</summary>
public sealed class ClientFileTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("socket.io.js", "application/javascript; charset=utf-8")]
    [InlineData("socket.io.min.js", "application/javascript; charset=utf-8")]
    [InlineData("socket.io.esm.min.js", "application/javascript; charset=utf-8")]
    [InlineData("socket.io.msgpack.min.js", "application/javascript; charset=utf-8")]
    [InlineData("socket.io.js.map", "application/json; charset=utf-8")]
    [InlineData("socket.io.min.js.map", "application/json; charset=utf-8")]
    [InlineData("socket.io.esm.min.js.map", "application/json; charset=utf-8")]
    [InlineData("socket.io.msgpack.min.js.map", "application/json; charset=utf-8")]
    public async Task Each_file_is_served_with_its_type(string name, string type)
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.Http.GetAsync($"/socket.io/{name}?v=1", Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        Assert.Equal("public, max-age=0", response.Headers.CacheControl!.ToString());
        Assert.False(response.Headers.ETag!.IsWeak);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.StartsWith(name.EndsWith(".map", StringComparison.Ordinal) ? "{\"version\":3" : "/*!\n * Socket.IO v4.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("W/{0}")]
    [InlineData("\"other\", {0}")]
    public async Task A_client_that_has_the_file_is_answered_304(string header)
    {
        await using var server = await RunningServer.StartAsync();
        using var first = await server.Http.GetAsync("/socket.io/socket.io.js", Stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/socket.io/socket.io.js");
        request.Headers.TryAddWithoutValidation(
            "If-None-Match", string.Format(System.Globalization.CultureInfo.InvariantCulture, header, first.Headers.ETag));

        using var again = await server.Http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(Stop));
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", "")]
    public async Task Files_are_compressed_as_the_client_accepts(string accepted, string expected)
    {
        await using var server = await RunningServer.StartAsync();
        var plain = await server.Http.GetByteArrayAsync("/socket.io/socket.io.min.js", Stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/socket.io/socket.io.min.js");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);

        using var response = await server.Http.SendAsync(request, Stop);

        Assert.Equal(expected, string.Join(',', response.Content.Headers.ContentEncoding));
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        var body = await response.Content.ReadAsByteArrayAsync(Stop);
        using var input = new MemoryStream(body);
        await using Stream decoder = expected switch
        {
            "br" => new BrotliStream(input, CompressionMode.Decompress),
            "gzip" => new GZipStream(input, CompressionMode.Decompress),
            _ => input,
        };
        using var decoded = new MemoryStream();
        await decoder.CopyToAsync(decoded, Stop);
        Assert.Equal(plain, decoded.ToArray());
    }

    [Fact]
    public async Task A_head_request_gets_the_headers_only()
    {
        await using var server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/socket.io/socket.io.min.js");

        using var response = await server.Http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 10_000);
    }

    [Theory]
    [InlineData("/socket.io/socket.io.css")]
    [InlineData("/socket.io/socket.io.esm.js")]
    [InlineData("/socket.io/client/socket.io.js")]
    [InlineData("/socket.io/..%2fsocket.io.js")]
    public async Task Other_names_are_answered_as_requests_of_clients_are(string path)
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.Http.GetAsync(path, Stop);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("{\"code\":0,\"message\":\"Transport unknown\"}", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Without_ServeClient_there_are_no_files()
    {
        await using var server = await RunningServer.StartAsync(options => options.ServeClient = false);

        using var response = await server.Http.GetAsync("/socket.io/socket.io.js", Stop);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task The_cross_origin_policy_of_the_server_holds_for_its_files()
    {
        await using var server = await RunningServer.StartAsync(options =>
            options.Cors = new CorsPolicyBuilder("https://page.example").Build());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/socket.io/socket.io.esm.min.js");
        request.Headers.Add("Origin", "https://page.example");

        using var response = await server.Http.SendAsync(request, Stop);

        Assert.Equal("https://page.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task A_compressed_answer_to_a_poll_still_varies_by_origin()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.HttpCompressionThreshold = 1;
            options.Cors = new CorsPolicyBuilder("https://page.example", "https://other.example").AllowCredentials().Build();
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/socket.io/?EIO=4&transport=polling");
        request.Headers.Add("Origin", "https://page.example");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));

        using var response = await server.Http.SendAsync(request, Stop);

        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        Assert.Equal(["Accept-Encoding", "Origin"], response.Headers.Vary.Order(StringComparer.Ordinal));
    }
}
