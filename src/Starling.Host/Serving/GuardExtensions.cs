using System.Net;
using Microsoft.Extensions.Options;
using Starling.Server.Channels;
using Starling.Server.Hosting;
using Starling.Server.Sockets;

namespace Starling.Host.Serving;

/// <summary>Keeps pages of other origins away from a server that listens for this machine only.</summary>
internal static class GuardExtensions
{
    private static readonly char[] Separators = [';', ','];

    /// <summary>Answers 403 to what a guard refuses.</summary>
    public static void UseOriginGuard(this WebApplication app, OriginGuard guard) => Use(app, () => guard);

    /// <summary>
    /// Guards a server all of whose addresses are of loopback. Hosts and origins are added by the settings <c>AllowedHosts</c> and
    /// <c>AllowedOrigins</c>; the origins that Socket.IO and channels allow are allowed too.
    /// </summary>
    public static void UseLoopbackGuard(this WebApplication app)
    {
        // The addresses are known when the server listens.
        var guard = new Lazy<OriginGuard?>(() => app.Urls.Count > 0 && app.Urls.All(IsLoopback) ? Create(app) : null);
        Use(app, () => guard.Value);
    }

    private static void Use(WebApplication app, Func<OriginGuard?> guard) => app.Use((context, next) =>
        guard()?.Check(context.Request) is { } reason ? RefuseAsync(context, reason) : next(context));

    private static OriginGuard Create(WebApplication app) => new(new OriginGuardOptions
    {
        AllowedHosts = Split(app.Configuration["AllowedHosts"]),
        AllowedOrigins =
        [
            .. Split(app.Configuration["AllowedOrigins"]),
            .. app.Services.GetRequiredService<IOptions<SocketIOOptions>>().Value.AllowedOrigins ?? new HashSet<string>(),
            .. app.Services.GetRequiredService<IOptions<ChannelOptions>>().Value.AllowedOrigins,
        ],
        AllowLinks = true,
        HostHint = "add the name to the setting AllowedHosts (STARLING_AllowedHosts)",
    });

    private static string[] Split(string? list) =>
        list?.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    // What a supervisor passes may have no address of this form, and is not for this machine only.
    private static bool IsLoopback(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe
                || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static Task RefuseAsync(HttpContext context, string reason)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }
}
