using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Starling.Server.Channels.Authorization;

/// <summary>A key whose holder may issue access tokens.</summary>
public sealed class TokenKey
{
    /// <summary>The algorithms that keys may be for.</summary>
    internal static readonly string[] Algorithms = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private SecurityKey? _key;

    /// <summary>The algorithm of its signatures, for example HS256, RS256 or ES256; a token that names another one is refused. HS256 by default.</summary>
    public string Algorithm { get; set; } = "HS256";

    /// <summary>The secret (HS…, at least as many bytes as the signature, as RFC 7518 demands), or the public key or certificate as PEM (RS…, PS…, ES…).</summary>
    public string Key { get; set; } = "";

    /// <summary>
    /// Who holds it: the <c>iss</c> of its tokens. Null only takes tokens in the form of older hubs, which need not name an issuer.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>The <c>kid</c> by which tokens may name it, or null.</summary>
    public string? KeyId { get; set; }

    /// <summary>Whether its tokens may publish. True by default.</summary>
    public bool MayPublish { get; set; } = true;

    /// <summary>Whether its tokens may subscribe. True by default.</summary>
    public bool MaySubscribe { get; set; } = true;

    internal SecurityKey SecurityKey => _key ??= Create();

    internal IEnumerable<string> Check()
    {
        if (!Algorithms.Contains(Algorithm))
        {
            yield return $"Channels:Keys: the algorithm '{Algorithm}' is not known; it should be one of {string.Join(", ", Algorithms)}.";
            yield break;
        }

        if (Algorithm.StartsWith("HS", StringComparison.Ordinal))
        {
            var needed = int.Parse(Algorithm.AsSpan(2), CultureInfo.InvariantCulture) / 8;
            if (Encoding.UTF8.GetByteCount(Key) < needed)
            {
                yield return $"Channels:Keys: a secret for {Algorithm} needs at least {needed} bytes (RFC 7518, section 3.2).";
            }

            yield break;
        }

        string? failure = null;
        try
        {
            _ = SecurityKey;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            failure = $"Channels:Keys: the key for {Algorithm} is no PEM of a public key of that kind: {exception.Message}";
        }

        if (failure is not null)
        {
            yield return failure;
        }
    }

    private SecurityKey Create()
    {
        SecurityKey key = Algorithm[..2] switch
        {
            "HS" => new SymmetricSecurityKey(Encoding.UTF8.GetBytes(Key)),
            "ES" => new ECDsaSecurityKey(Import(ECDsa.Create(), static (ecdsa, pem) => ecdsa.ImportFromPem(pem), certificate => certificate.GetECDsaPublicKey())),
            _ => new RsaSecurityKey(Import(RSA.Create(), static (rsa, pem) => rsa.ImportFromPem(pem), certificate => certificate.GetRSAPublicKey())),
        };
        key.KeyId = KeyId;
        return key;
    }

    private T Import<T>(T empty, Action<T, string> import, Func<X509Certificate2, T?> ofCertificate)
        where T : AsymmetricAlgorithm
    {
        if (Key.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            empty.Dispose();
            using var certificate = X509Certificate2.CreateFromPem(Key);
            return ofCertificate(certificate) ?? throw new CryptographicException("The certificate holds a key of another kind.");
        }

        import(empty, Key);
        return empty;
    }
}
