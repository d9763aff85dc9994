using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Starling.Apps.Watcher.Access;

/// <summary>Tells the admin by the session's cookie.</summary>
internal sealed class SessionHandler(
    AdminAccess access, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "watcher";

    public const string Policy = "watcher-admin";

    private const string CookieName = "starling-watcher";

    public static string? Token(HttpRequest request) => request.Cookies.TryGetValue(CookieName, out var token) ? token : null;

    public static void Append(HttpContext context, string token) => context.Response.Cookies.Append(CookieName, token, Cookie(context, AdminAccess.SessionTime));

    public static void Remove(HttpContext context) => context.Response.Cookies.Delete(CookieName, Cookie(context, null));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        Token(Request) is { } token && access.IsSignedIn(token)
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "admin")], SchemeName)), SchemeName))
            : AuthenticateResult.NoResult());

    private static CookieOptions Cookie(HttpContext context, TimeSpan? age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        MaxAge = age,
        IsEssential = true,
    };
}
