using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Starling.EndToEnd.Tests.Hosts;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_names_the_commands()
    {
        var (code, output, _) = await HostProcess.RunAsync(["--help"], TestContext.Current.CancellationToken);
        Assert.Equal(0, code);
        Assert.Contains("serve", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "no address to listen on")]
    [InlineData("ftp://localhost:1", "use http or https")]
    [InlineData("http://localhost:99999", "a port is 0 to 65535")]
    public async Task An_address_that_cannot_be_is_refused_with_the_reason(string url, string expected)
    {
        var (code, output, error) = await HostProcess.RunAsync(["serve", "--urls", url], TestContext.Current.CancellationToken);
        Assert.NotEqual(0, code);
        Assert.Contains(expected, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var data = Directory.CreateTempSubdirectory("starling-");
        var (code, output, error) = await HostProcess.RunAsync(
            ["serve", "--urls", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}", "--data", data.FullName],
            TestContext.Current.CancellationToken);
        data.Delete(recursive: true);
        Assert.Equal(1, code);
        Assert.Contains("choose another address with --urls", error, StringComparison.Ordinal);
        Assert.Equal("", output);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task An_https_address_without_a_certificate_is_one_line_that_says_what_to_do()
    {
        var data = Directory.CreateTempSubdirectory("starling-");
        var (code, output, error) = await HostProcess.RunAsync(
            ["serve", "--urls", "https://127.0.0.1:0", "--data", data.FullName], TestContext.Current.CancellationToken);
        data.Delete(recursive: true);
        Assert.Equal(1, code);
        Assert.Contains("there is no certificate", error, StringComparison.Ordinal);
        Assert.Contains("STARLING_Kestrel__Certificates__Default__Path", error, StringComparison.Ordinal);
        Assert.Equal("", output);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_certificate_that_is_named_in_the_settings_serves_https()
    {
        var folder = Directory.CreateTempSubdirectory("starling-");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(folder.FullName, "certificate.pem"), Path.Combine(folder.FullName, "key.pem"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string>
        {
            ["Kestrel__Certificates__Default__Path"] = certificateFile,
            ["Kestrel__Certificates__Default__KeyPath"] = keyFile,
        };
        await using var host = await HostProcess.ServeAsync("https://127.0.0.1:0", TestContext.Current.CancellationToken, settings: settings);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, peer, _, _) => peer?.GetCertHashString() == certificate.Thumbprint },
        });
        Assert.Equal("Healthy", await client.GetStringAsync(host.Url + "/healthz", TestContext.Current.CancellationToken));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("127.0.0.1", null, HttpStatusCode.OK)]
    [InlineData("localhost", null, HttpStatusCode.OK)]
    [InlineData("evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("known.example", null, HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "null", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "https://known.example", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "https://page.example", HttpStatusCode.OK)]
    public async Task On_loopback_foreign_hosts_and_origins_are_refused(string name, string? origin, HttpStatusCode expected)
    {
        var settings = new Dictionary<string, string> { ["AllowedOrigins"] = "https://page.example" };
        if (name != "evil.example")
        {
            // With it, ASP.NET Core itself refuses other hosts.
            settings["AllowedHosts"] = "known.example";
        }

        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken, settings: settings);
        using var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/questions/api/questions");
        request.Headers.Host = $"{name}:{client.BaseAddress.Port}";
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Signals_that_come_again_and_again_do_not_break_the_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends SIGTERM, which Windows does not have.");
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        await host.TerminateAsync(TestContext.Current.CancellationToken);
        await host.TerminateAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await host.WaitForExitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_pages_come_with_the_right_caching_and_protection()
    {
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var page = await client.GetAsync("/draw/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.True(page.Headers.CacheControl!.NoCache);
        Assert.Contains("object-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var script = html[html.IndexOf("/assets/", StringComparison.Ordinal)..].Split('"')[0];
        using var asset = await client.GetAsync(script, TestContext.Current.CancellationToken);
        Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("Healthy", await client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stop_tells_connected_clients_to_go_and_ends_with_success()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends SIGTERM, which Windows does not have.");
        await using var host = await HostProcess.ServeAsync("http://127.0.0.1:0", TestContext.Current.CancellationToken);
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        await socket.ConnectAsync(
            new Uri(host.Url.Replace("http", "ws", StringComparison.Ordinal) + "/socket.io/?EIO=4&transport=websocket"),
            TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        await host.TerminateAsync(TestContext.Current.CancellationToken);
        var last = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.WebSockets.WebSocketMessageType.Close, last.MessageType);
        await socket.CloseOutputAsync(
            System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        Assert.Equal(0, await host.WaitForExitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }
}
