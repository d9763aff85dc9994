using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Starling.Server.Channels.Authorization;

/// <summary>Validates access tokens (Mercure, section "Token Validation"; RFC 9068, RFC 8725). Thread-safe.</summary>
internal sealed class AccessTokens(ChannelOptions options, string resourceIdentifier, string hubUrl, TimeProvider time)
{
    private const string AccessTokenType = "at+jwt";
    private const string LegacyClaim = "mercure";
    private const string MediaTypePrefix = "application/";
    private const int MaxTokenLength = 16 * 1024;

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxTokenLength };
    private readonly AuthorizationDetails _details = new(options, hubUrl);

    /// <summary>Reads a token.</summary>
    /// <returns>What it grants; null when it is not valid, for whatever reason, since telling which would help forgers.</returns>
    public ChannelAccess? Validate(string token)
    {
        if (token.Length > MaxTokenLength || !_handler.CanReadToken(token))
        {
            return null;
        }

        try
        {
            var unverified = _handler.ReadJsonWebToken(token);
            var isAccessToken = IsAccessToken(unverified);
            if (!isAccessToken && !options.AcceptLegacyTokens)
            {
                return null;
            }

            var keys = KeysFor(unverified, isAccessToken);
            foreach (var key in keys)
            {
                if (Validate(token, key, isAccessToken) is { } access)
                {
                    return access;
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or SecurityTokenException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Whether a token, valid or not, is addressed to the hub rather than to the application.</summary>
    public bool IsForHub(string token)
    {
        try
        {
            return token.Length <= MaxTokenLength && _handler.CanReadToken(token) && _handler.ReadJsonWebToken(token) is var jwt
                && (jwt.Audiences.Contains(resourceIdentifier, StringComparer.Ordinal) || Claims(jwt).TryGetProperty(LegacyClaim, out _));
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static bool IsAccessToken(JsonWebToken token)
    {
        var type = token.Typ ?? "";
        if (type.StartsWith(MediaTypePrefix, StringComparison.OrdinalIgnoreCase))
        {
            type = type[MediaTypePrefix.Length..];
        }

        return string.Equals(type, AccessTokenType, StringComparison.OrdinalIgnoreCase);
    }

    // Only configured keys, only those for the algorithm, and only those of the issuer that the token names: never a pool of several issuers'.
    private IEnumerable<TokenKey> KeysFor(JsonWebToken token, bool isAccessToken) => options.Keys.Where(key =>
        key.Algorithm == token.Alg
        && (string.IsNullOrEmpty(token.Kid) || key.KeyId is null || key.KeyId == token.Kid)
        && (isAccessToken
            ? key.Issuer is not null && key.Issuer == token.Issuer
            : string.IsNullOrEmpty(token.Issuer) || key.Issuer is null || key.Issuer == token.Issuer));

    private ChannelAccess? Validate(string token, TokenKey key, bool isAccessToken)
    {
        var parameters = new TokenValidationParameters
        {
            IssuerSigningKey = key.SecurityKey,
            ValidateIssuer = false,
            ValidateAudience = isAccessToken,
            ValidAudience = resourceIdentifier,
            RequireExpirationTime = isAccessToken,
            RequireSignedTokens = true,
            LifetimeValidator = (notBefore, expires, _, _) => IsAlive(notBefore, expires, isAccessToken),
        };
        var result = _handler.ValidateToken(token, parameters);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken jwt)
        {
            return null;
        }

        var grants = _details.Read(Claims(jwt), isAccessToken);
        return grants is null
            ? null
            : new ChannelAccess
            {
                Grants = Restrict(grants, key),
                Expires = Expiration(jwt),
                TokenId = key.Issuer + "\n" + (string.IsNullOrEmpty(jwt.Id) ? jwt.EncodedSignature : jwt.Id),
            };
    }

    // The library hands over the smallest date for a claim that is not there.
    private bool IsAlive(DateTime? notBefore, DateTime? expires, bool needsExpiration)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return (expires is { } end && end != DateTime.MinValue ? now < end : !needsExpiration) && (notBefore is not { } start || start <= now);
    }

    private static DateTimeOffset Expiration(JsonWebToken token) =>
        token.ValidTo == DateTime.MinValue ? DateTimeOffset.MaxValue : new DateTimeOffset(token.ValidTo, TimeSpan.Zero);

    private static JsonElement Claims(JsonWebToken token)
    {
        var json = Base64UrlEncoder.DecodeBytes(token.EncodedPayload);
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static List<ChannelGrant> Restrict(List<ChannelGrant> grants, TokenKey key) => key is { MayPublish: true, MaySubscribe: true }
        ? grants
        : [.. grants.Select(grant => grant with { MayPublish = grant.MayPublish && key.MayPublish, MaySubscribe = grant.MaySubscribe && key.MaySubscribe })];
}
