using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Starling.Apps.Watcher.Watching;

namespace Starling.Apps.Watcher.Access;

/// <summary>What the admin's page asks for: to sign in and out, and all there is to show. What is new comes by the event stream.</summary>
internal sealed class AdminApi(AdminAccess access, AttemptLimit attempts, Watch watch) : IDisposable
{
    private const int MaxBodyBytes = 4 * 1024;

    // Checking a password costs a core's time; one at a time leaves the others to the reports.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public async Task SignInAsync(HttpContext context)
    {
        if (!attempts.MayTry(context))
        {
            context.Response.Headers.RetryAfter = "10";
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "That were too many attempts. Wait ten seconds.");
            return;
        }

        if (await ReadPasswordAsync(context) is not { } password)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Send JSON: {\"password\": …}.");
            return;
        }

        if (!await IsPasswordAsync(password, context.RequestAborted))
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "That is not the password.");
            return;
        }

        SessionHandler.Append(context, access.SignIn());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public Task SignOutAsync(HttpContext context)
    {
        if (SessionHandler.Token(context.Request) is { } token)
        {
            access.SignOut(token);
            SessionHandler.Remove(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    public Task ViewAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(watch.View(), WatcherJson.Default.WatchView, cancellationToken: context.RequestAborted);
    }

    public void Dispose() => _turn.Dispose();

    private async Task<bool> IsPasswordAsync(string password, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return access.IsPassword(password);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static async Task<string?> ReadPasswordAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBodyBytes;
        }

        try
        {
            // Only JSON: a page of another site cannot send it without being allowed to.
            return context.Request.HasJsonContentType()
                ? (await context.Request.ReadFromJsonAsync(WatcherJson.Default.SignInRequest, context.RequestAborted))?.Password
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new Refusal(reason), WatcherJson.Default.Refusal, "application/problem+json", context.RequestAborted);
    }
}
