using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Starling.Messaging.Tests;

/// <summary>An authority, a server and a client certificate, made once for each run; both sides check the other's.</summary>
internal static class TestCertificates
{
    private static readonly X509Certificate2 Authority = CreateAuthority("CN=Starling tests");
    private static readonly X509Certificate2 Server = Issue("CN=localhost", "localhost");
    private static readonly X509Certificate2 Client = Issue("CN=client", "client");

    public static void Apply(MessagingOptions options)
    {
        options.ServerTls = new SslServerAuthenticationOptions
        {
            ServerCertificate = Server,
            ClientCertificateRequired = true,
            CertificateChainPolicy = Trust(),
        };
        options.ClientTls = new SslClientAuthenticationOptions
        {
            ClientCertificates = [Client],
            CertificateChainPolicy = Trust(),
        };
    }

    public static X509Certificate2 CreateAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return Portable(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2)));
    }

    private static X509ChainPolicy Trust()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(Authority);
        return policy;
    }

    /// <summary>A server's certificate of the trusted authority that is good for one host until a time.</summary>
    public static X509Certificate2 Issue(string host, DateTimeOffset until) => Issue("CN=" + host, host, until);

    private static X509Certificate2 Issue(string name, string host, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(
            Authority, DateTimeOffset.UtcNow.AddHours(-1), until ?? DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return Portable(issued.CopyWithPrivateKey(key));
    }

    /// <summary>With a key that outlives the object which made it.</summary>
    private static X509Certificate2 Portable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
