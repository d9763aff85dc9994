using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Starling.Server.Tests.Channels;

/// <summary>Makes access tokens by hand, so that tests do not depend on what they test.</summary>
internal static class Token
{
    public const string Secret = "a secret of at least thirty-two bytes";
    public const string Issuer = "https://localhost";
    public const string Audience = "https://localhost/.well-known/mercure";

    public static string Everything() => Create(Detail("publish", "*"), Detail("subscribe", "*"));

    public static JsonObject Detail(string action, string match, string? type = null, JsonObject? payload = null)
    {
        var matcher = new JsonObject { ["match"] = match };
        if (type is not null)
        {
            matcher["match_type"] = type;
        }

        var detail = new JsonObject
        {
            ["type"] = "https://mercure.rocks/authorization-detail",
            ["actions"] = new JsonArray(action),
            ["topics"] = new JsonArray(matcher),
        };
        if (payload is not null)
        {
            detail["payload"] = payload;
        }

        return detail;
    }

    public static string Create(params JsonObject[] details) => Create(claims => claims["authorization_details"] = new JsonArray([.. details]));

    public static string Create(Action<JsonObject> claims, Action<JsonObject>? header = null, Func<byte[], byte[]>? sign = null)
    {
        var head = new JsonObject { ["alg"] = "HS256", ["typ"] = "at+jwt" };
        header?.Invoke(head);
        var body = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["sub"] = "tester",
            ["client_id"] = "tests",
            ["jti"] = Guid.NewGuid().ToString(),
            ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            ["exp"] = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds(),
        };
        claims(body);
        var signed = $"{Encode(head.ToJsonString())}.{Encode(body.ToJsonString())}";
        sign ??= bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), bytes);
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
