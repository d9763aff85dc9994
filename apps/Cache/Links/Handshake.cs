using System.Security.Cryptography;
using System.Text;

namespace Starling.Apps.Cache.Links;

/// <summary>
/// The proofs by which main and a service show each other that they know the key. They are bound to a fresh nonce of each side, so none
/// can be used twice; to the side, so none can be had by sending back the other's; to who the service is; and to what main tells it.
/// </summary>
/// <param name="key">The key; null where the link itself keeps strangers out.</param>
/// <param name="nonce">Main's nonce.</param>
/// <param name="service">Who the service says it is, with its own.</param>
internal sealed class Handshake(MemberKey? key, string nonce, Introduction service)
{
    public string OfService() => Prove("service", service.Runs, service.IsAttached ? "attached" : "by hand");

    public string OfMain(string settings) => Prove("main", settings);

    public static string Nonce() => RandomNumberGenerator.GetHexString(64);

    /// <summary>Compares in a time that does not tell how much of it is right.</summary>
    public static bool Matches(string expected, string? proof) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(proof ?? ""));

    private string Prove(string side, params string[] statement) =>
        key?.Sign(["starling cache", side, nonce, service.Nonce, service.Role, service.Name, .. statement]) ?? "";
}
