using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Starling.Apps.Editor;

/// <summary>
/// Knows people who are not signed in by a cookie that nobody can guess. Others see, in operations and history, an id that is made from it
/// and from which it cannot be found.
/// </summary>
internal static class Visitor
{
    private const string CookieName = "starling-visitor";
    private const int SecretBytes = 18;
    private const int IdBytes = 12;

    private static readonly TimeSpan CookieAge = TimeSpan.FromDays(365);

    /// <summary>Makes the visitor the user of a request that has none; a new visitor gets the cookie.</summary>
    public static void SignIn(HttpContext context)
    {
        if (context.User.Identity?.IsAuthenticated != true)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, PublicId(Secret(context)))], CookieName));
        }
    }

    /// <summary>The id by which others know the user of a request that went through <see cref="SignIn"/>.</summary>
    public static string Id(HttpContext context) =>
        context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? context.User.Identity!.Name!;

    private static string Secret(HttpContext context)
    {
        if (context.Request.Cookies.TryGetValue(CookieName, out var known) && known.Length == Base64Url.GetEncodedLength(SecretBytes) && Base64Url.IsValid(known))
        {
            return known;
        }

        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        context.Response.Cookies.Append(CookieName, secret, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            MaxAge = CookieAge,
            IsEssential = true,
        });
        return secret;
    }

    private static string PublicId(string secret) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes("editor " + secret)).AsSpan(0, IdBytes));
}
