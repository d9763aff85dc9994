using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Starling.Guides.Tests.FromNode;

public sealed class TlsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_sides_show_a_certificate()
    {
        using var serverCertificate = SelfSigned("localhost");
        using var clientCertificate = SelfSigned("client");
        // begin tls
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint
            .UseHttps(https =>                                                                 // tls.createServer({ cert, key, requestCert: true, … })
            {
                https.ServerCertificate = serverCertificate;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (peer, _, _) => peer.Thumbprint == clientCertificate.Thumbprint;
            })
            .UseConnectionHandler<NetTests.Echo>()));
        await using var app = builder.Build();
        await app.StartAsync(Stop);

        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.Single()).Port, Stop);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions                                                 // tls.connect({ servername, ca, cert, key })
            {
                TargetHost = "localhost",
                ClientCertificates = [clientCertificate],
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { serverCertificate },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
            Stop);
        await tls.WriteAsync("hello"u8.ToArray(), Stop);
        var answer = new byte[5];
        await tls.ReadExactlyAsync(answer, Stop);
        var peer = tls.RemoteCertificate!.Subject;                                             // getPeerCertificate().subject
        // end
        Assert.Equal("hello"u8, answer);
        Assert.Equal("CN=localhost", peer);
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
