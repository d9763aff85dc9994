using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Starling.Host.Serving;

/// <summary>Serves the built web pages.</summary>
internal static class PagesExtensions
{
    private const string Assets = "/assets";

    private const string Policy =
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
        + "base-uri 'none'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    });

    public static void UsePages(this WebApplication app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SetCaching });
    }

    /// <summary>Serves what pages are made of, and no page.</summary>
    public static void UseAssets(this WebApplication app) =>
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Assets), branch => branch.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = SetCaching }));

    /// <summary>Serves one page at every address of a pattern that nothing else serves.</summary>
    public static void MapPage(this WebApplication app, string pattern, string file) =>
        app.MapFallbackToFile(pattern, file, new StaticFileOptions { OnPrepareResponse = SetCaching });

    private static void SetCaching(StaticFileResponseContext context)
    {
        // Vite puts a hash of the content into the name of every file in assets.
        var isHashed = context.Context.Request.Path.StartsWithSegments(Assets);
        context.Context.Response.Headers[HeaderNames.CacheControl] = isHashed ? "public, max-age=31536000, immutable" : "no-cache";
    }
}
