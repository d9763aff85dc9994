using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Starling.Apps.Cache.Links;

/// <summary>What main and its services know, and strangers who reach the same port do not. It is never sent.</summary>
internal sealed class MemberKey
{
    /// <summary>The environment variable that holds it for processes.</summary>
    public const string Variable = "STARLING_CACHE_KEY";

    private const int LeastLength = 16;

    private readonly byte[] _key;

    /// <exception cref="FormatException">It is so short that it could be guessed.</exception>
    public MemberKey(string text)
    {
        if (text.AsSpan().Trim().Length < LeastLength)
        {
            throw new FormatException(
                $"The key ({Variable}) is {(text.Length == 0 ? "empty" : "too short")}: it must have at least {LeastLength} characters. Make one with: openssl rand -hex 32");
        }

        Text = text;
        _key = Encoding.UTF8.GetBytes(text);
    }

    public string Text { get; }

    public static MemberKey Create() => new(RandomNumberGenerator.GetHexString(64));

    /// <summary>As JSON, in which no two lists of texts look the same.</summary>
    public string Sign(string[] statement) => Convert.ToHexString(HMACSHA256.HashData(_key, JsonSerializer.SerializeToUtf8Bytes(statement)));
}
