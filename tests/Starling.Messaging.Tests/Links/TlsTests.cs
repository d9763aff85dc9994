using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Starling.Messaging.Tests.Links;

/// <summary>Certificates that must not be trusted, and what a user is told of them.</summary>
public sealed class TlsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("expired", "NotTimeValid")]
    [InlineData("of another host", "RemoteCertificateNameMismatch")]
    [InlineData("of another authority", "PartialChain|UntrustedRoot")]
    public async Task A_server_whose_certificate_cannot_be_trusted_is_refused_at_once_with_the_reason(string kind, string reason)
    {
        var server = new MessagingOptions();
        TestCertificates.Apply(server);
        server.ServerTls = new SslServerAuthenticationOptions
        {
            ServerCertificate = kind switch
            {
                "expired" => TestCertificates.Issue("localhost", DateTimeOffset.UtcNow.AddMinutes(-1)),
                "of another host" => TestCertificates.Issue("example.org", DateTimeOffset.UtcNow.AddDays(1)),
                _ => TestCertificates.CreateAuthority("CN=localhost"),
            },
        };
        await using var service = new RpcServer(new RpcServices().Add("one", () => 1), server);
        var address = await service.ListenAsync("tls://localhost:0", Stop);
        var client = new MessagingOptions { ConnectTimeout = TimeSpan.FromMinutes(5) };
        TestCertificates.Apply(client);
        var watch = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<IOException>(() => RpcClient.ConnectAsync(address.ToString(), null, client, Stop));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Contains(address.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Matches(reason, failure.Message);
    }

    [Fact]
    public async Task A_client_of_another_authority_is_refused_and_others_are_served()
    {
        await using var service = await RunningService.StartAsync("tls");
        var options = new MessagingOptions { Reconnect = false, ConnectTimeout = TimeSpan.FromSeconds(5) };
        TestCertificates.Apply(options);
        options.ClientTls!.ClientCertificates = new X509CertificateCollection { TestCertificates.CreateAuthority("CN=client") };
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            // With TLS 1.3 the refusal may come only after the client's side of the handshake is over.
            await using var client = await RpcClient.ConnectAsync(service.Address, null, options, Stop);
            await client.InvokeAsync<int>("add", [1, 2], null, Stop);
        });
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
    }
}
