using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Starling.Guides.Tests.FromNode;

public sealed class HttpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server()
    {
        // begin server
        var builder = WebApplication.CreateSlimBuilder();
        var app = builder.Build();
        app.MapGet("/hello/{name}", (string name) => $"Hello, {name}");
        app.MapPost("/upload", async (HttpRequest request) =>                      // the body is a stream, as in Node
        {
            var total = 0L;
            var buffer = new byte[16 * 1024];
            for (int count; (count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
            {
                total += count;
            }

            return total;
        });
        app.Urls.Add("http://127.0.0.1:0");                                        // listen(0)
        await app.StartAsync(Stop);
        // end
        await using (app)
        {
            var url = app.Urls.Single();
            // begin client
            using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(10) };   // one for the process: it is the agent
            var hello = await http.GetStringAsync("hello/world", Stop);
            using var posted = await http.PostAsync("upload", new ByteArrayContent(new byte[100_000]), Stop);
            posted.EnsureSuccessStatusCode();
            // end
            Assert.Equal(("Hello, world", "100000"), (hello, await posted.Content.ReadAsStringAsync(Stop)));
        }
    }

    [Fact]
    public async Task At_most_so_many_connections_for_each_host()
    {
        var (open, most) = (0, 0);
        await using var app = await StartAsync(app => app.MapGet("/", async () =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref open));
            await Task.Delay(50);
            Interlocked.Decrement(ref open);
            return "";
        }));
        var url = app.Urls.Single();
        // begin pool
        using var http = new HttpClient(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 2,                                           // new Agent({ maxSockets: 2 })
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),                // how long an idle one is kept
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),                    // so that changes of DNS are seen
        });
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => http.GetStringAsync(url, Stop)));
        // end
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Ask_before_sending_a_body()
    {
        await using var app = await StartAsync(app => app.MapPost("/", (HttpContext context) =>
        {
            // Nothing of the body is read, so no 100 is sent.
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        }));
        var url = app.Urls.Single();
        // begin expect
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) });
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(new byte[10_000_000]) };
        request.Headers.ExpectContinue = true;                                     // Expect: 100-continue
        using var answer = await http.SendAsync(request, Stop);                    // the body goes only after a 100
        // end
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Through_a_proxy_by_CONNECT()
    {
        using var certificate = SelfSigned();
        await using var target = await StartAsync(
            app => app.MapGet("/", () => "behind the proxy"), kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate)));
        await using var proxy = new TunnelProxy();
        var (url, proxyUrl) = (target.Urls.Single(), proxy.Url);
        // begin proxy
        using var http = new HttpClient(new SocketsHttpHandler
        {
            Proxy = new WebProxy(proxyUrl),                                        // https through it goes by CONNECT
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, peer, _, _) => peer?.GetCertHashString() == certificate.Thumbprint,   // pinned
            },
        });
        var page = await http.GetStringAsync(url, Stop);
        // end
        Assert.Equal("behind the proxy", page);
        Assert.Equal([new Uri(url).Authority], proxy.Targets);
    }

    [Fact]
    public async Task Upgrade()
    {
        // begin upgrade
        await using var app = await StartAsync(app => app.MapGet("/", async (HttpContext context) =>
        {
            await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();   // 'upgrade'
            await stream.WriteAsync("any protocol\n"u8.ToArray(), context.RequestAborted);
        }));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.Single()) { Headers = { { "Connection", "Upgrade" }, { "Upgrade", "mine" } } };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);               // 101
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        var line = await reader.ReadLineAsync(Stop);
        // end
        Assert.Equal((HttpStatusCode.SwitchingProtocols, "any protocol"), (answer.StatusCode, line));
    }

    [Fact]
    public async Task Http2_without_and_with_TLS()
    {
        // begin http2
        using var certificate = SelfSigned();
        await using var app = await StartAsync(
            app => app.MapGet("/", (HttpContext context) => context.Request.Protocol),
            kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);             // h2c, as gRPC uses it
                kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate));                       // h2 by ALPN, HTTP/1.1 too
            });
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, peer, _, _) => peer?.GetCertHashString() == certificate.Thumbprint },
        });
        http.DefaultRequestVersion = HttpVersion.Version20;
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var protocols = await Task.WhenAll(app.Urls.Select(url => http.GetStringAsync(url, Stop)));                      // many streams, one connection each
        // end
        Assert.Equal(["HTTP/2", "HTTP/2"], protocols);
    }

    // begin certificate
    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
    // end

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map, Action<KestrelServerOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            if (configure is null)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }

            configure?.Invoke(kestrel);
        });
        var app = builder.Build();
        map(app);
        await app.StartAsync(Stop);
        return app;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = most)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
