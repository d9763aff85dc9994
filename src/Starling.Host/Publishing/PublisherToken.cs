using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Starling.Host.Publishing;

/// <summary>Issues the access tokens of <c>starling publish</c>: signed with the server's own key, for one topic, for a short time.</summary>
internal static class PublisherToken
{
    /// <summary>The issuer that the server associates with its own key.</summary>
    public const string Issuer = "urn:starling:local";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes a token.</summary>
    /// <param name="key">The server's key.</param>
    /// <param name="audience">The hub's resource identifier.</param>
    /// <param name="topic">The only topic that may be published to.</param>
    /// <param name="now">The time.</param>
    public static string Create(string key, string audience, string topic, DateTimeOffset now)
    {
        var header = new JsonObject { ["alg"] = "HS256", ["typ"] = "at+jwt" };
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = audience,
            ["sub"] = "starling publish",
            ["client_id"] = "starling",
            ["jti"] = Guid.NewGuid().ToString(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["authorization_details"] = new JsonArray(new JsonObject
            {
                ["type"] = "https://mercure.rocks/authorization-detail",
                ["actions"] = new JsonArray("publish"),
                ["topics"] = new JsonArray(new JsonObject { ["match"] = topic }),
            }),
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(signed));
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
