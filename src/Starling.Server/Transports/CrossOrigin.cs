using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Starling.Server.Transports;

/// <summary>Applies the server's own cross-origin policy.</summary>
internal static class CrossOrigin
{
    /// <summary>Adds the headers of the policy.</summary>
    /// <returns>Whether the request was a preflight and is answered.</returns>
    public static async ValueTask<bool> HandleAsync(CorsPolicy policy, HttpContext context)
    {
        var service = context.RequestServices.GetRequiredService<ICorsService>();
        service.ApplyResult(service.EvaluatePolicy(context, policy), context.Response);
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return false;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        await context.Response.CompleteAsync();
        return true;
    }
}
