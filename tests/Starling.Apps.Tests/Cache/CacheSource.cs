using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Starling.Apps.Tests.Cache;

/// <summary>A web server with resources of every kind, on a free port of the loopback address. Ended with the test.</summary>
internal sealed class CacheSource : IAsyncDisposable
{
    public const int Block = 1 << 20;

    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private readonly WebApplication _app;

    private CacheSource(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public int Port => new Uri(Url).Port;

    public static async Task<CacheSource> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, endPoint =>
            {
                if (certificate is not null)
                {
                    endPoint.UseHttps(certificate);
                }
            });
        });
        var app = builder.Build();
        var source = new CacheSource(app);
        app.Run(source.AnswerAsync);
        await app.StartAsync();
        return source;
    }

    /// <summary>How often a path was asked for.</summary>
    public int Asked(string path) => _asked.GetValueOrDefault(path);

    /// <summary>Lets those go on that wait at <c>/gate</c>.</summary>
    public void Open() => _gate.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        _asked.AddOrUpdate(path, 1, (_, count) => count + 1);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _ending.Token);
        var words = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            await AnswerAsync(context, words, either.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private Task AnswerAsync(HttpContext context, string[] words, CancellationToken cancellationToken) => words switch
    {
        ["text", .. var rest] => SendAsync(context, "text/plain; charset=utf-8", "text of " + string.Join('/', rest)),
        ["page"] => SendAsync(context, "text/html", "<script>alert(1)</script>\u001b]0;owned\u0007"),
        ["bytes", var count] => BytesAsync(context, int.Parse(count, CultureInfo.InvariantCulture)),
        ["megabytes", var count] => MegabytesAsync(context, int.Parse(count, CultureInfo.InvariantCulture), hasLength: true, pause: TimeSpan.Zero, cancellationToken),
        ["unmeasured", var count] => MegabytesAsync(context, int.Parse(count, CultureInfo.InvariantCulture), hasLength: false, pause: TimeSpan.Zero, cancellationToken),
        ["trickle", var count] => MegabytesAsync(context, int.Parse(count, CultureInfo.InvariantCulture), hasLength: true, TimeSpan.FromMilliseconds(100), cancellationToken),
        ["status", var code] => SendAsync(context, "text/plain", "no", int.Parse(code, CultureInfo.InvariantCulture)),
        ["silent"] => Task.Delay(Timeout.Infinite, cancellationToken),
        ["stalled"] => StallAsync(context, isBroken: false, cancellationToken),
        ["broken"] => StallAsync(context, isBroken: true, cancellationToken),
        ["gate", ..] => WaitAsync(context, cancellationToken),
        ["hops", "0"] => SendAsync(context, "text/plain", "arrived"),
        ["hops", var count] => Lead(context, $"/hops/{int.Parse(count, CultureInfo.InvariantCulture) - 1}"),
        ["circle"] => Lead(context, "/circle/again"),
        ["circle", "again"] => Lead(context, "/circle"),
        ["to"] => Lead(context, context.Request.Query["url"].ToString()),
        _ => SendAsync(context, "text/plain", "nothing here", 404),
    };

    private static Task Lead(HttpContext context, string location)
    {
        context.Response.Redirect(location);
        return Task.CompletedTask;
    }

    private static async Task SendAsync(HttpContext context, string type, string text, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.WriteAsync(text);
    }

    private static async Task BytesAsync(HttpContext context, int count)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = count;
        await context.Response.Body.WriteAsync(new byte[count]);
    }

    private static async Task MegabytesAsync(HttpContext context, int count, bool hasLength, TimeSpan pause, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = hasLength ? (long)count * Block : null;
        var block = new byte[Block];
        for (var i = 0; i < count; i++)
        {
            block.AsSpan().Fill((byte)i);
            await context.Response.Body.WriteAsync(block, cancellationToken);
            await Task.Delay(pause, cancellationToken);
        }
    }

    private static async Task StallAsync(HttpContext context, bool isBroken, CancellationToken cancellationToken)
    {
        context.Response.ContentLength = 1000;
        await context.Response.Body.WriteAsync(new byte[500], cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);

        // Who returns with less than was promised has the server end the connection.
        if (!isBroken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    private async Task WaitAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await _gate.Task.WaitAsync(cancellationToken);
        await SendAsync(context, "text/plain", "through the gate");
    }
}
