using System.Security.Cryptography;
using System.Text;

namespace Starling.Apps.Cache.Links;

/// <summary>What main and its services know, and strangers who reach the same port do not. It is never sent.</summary>
internal sealed class MemberKey(string text)
{
    /// <summary>The environment variable that holds it for processes.</summary>
    public const string Variable = "STARLING_CACHE_KEY";

    private readonly byte[] _key = Encoding.UTF8.GetBytes(text);

    public string Text { get; } = text;

    public static MemberKey Create() => new(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));

    public static string Challenge() => Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The two sides' proofs differ, so that neither can be had by sending back the other's.</summary>
    public string Prove(string side, string challenge) => Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(side + ':' + challenge)));

    public bool Accepts(string side, string challenge, string? proof) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Prove(side, challenge)), Encoding.UTF8.GetBytes(proof ?? ""));
}
