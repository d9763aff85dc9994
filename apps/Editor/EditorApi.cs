using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Starling.Apps.Editor.Export;
using Starling.Apps.Editor.History;
using Starling.Apps.Editor.Library;
using Starling.Documents;
using Starling.Documents.Hosting;

namespace Starling.Apps.Editor;

/// <summary>What the editor does over HTTP; the editing itself goes over ShareDB's protocol.</summary>
internal sealed class EditorApi(DocumentLibrary library, TextHistory history, People people, IDocumentService documents) : IAsyncDisposable
{
    private const int MaxBodyBytes = 4 * 1024;
    private const int Burst = 20;

    private readonly PartitionedRateLimiter<string> _limits = PartitionedRateLimiter.Create<string, string>(static visitor =>
        RateLimitPartition.GetTokenBucketLimiter(visitor, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    public async Task MeAsync(HttpContext context)
    {
        var id = Visitor.Id(context);
        var person = await people.FindAsync(id, context.RequestAborted);
        await WriteAsync(context, 200, new Me(id, person?.Name, person?.Color), EditorJson.Default.Me);
    }

    public async Task SetMeAsync(HttpContext context)
    {
        CheckRate(context);
        var wish = await ReadAsync(context, EditorJson.Default.Person);
        var id = Visitor.Id(context);
        var person = await people.SetAsync(id, wish.Name, wish.Color, context.RequestAborted);
        await WriteAsync(context, 200, new Me(id, person.Name, person.Color), EditorJson.Default.Me);
    }

    public async Task CreateAsync(HttpContext context)
    {
        CheckRate(context);
        var name = DocumentName.Parse((await ReadAsync(context, EditorJson.Default.Naming)).Name);
        await WriteAsync(context, 201, await library.CreateAsync(name, Visitor.Id(context), context.RequestAborted), EditorJson.Default.Found);
    }

    public async Task FindAsync(HttpContext context) =>
        await WriteAsync(context, 200, await FoundAsync(context), EditorJson.Default.Found);

    public async Task RenameAsync(HttpContext context)
    {
        CheckRate(context);
        var to = DocumentName.Parse((await ReadAsync(context, EditorJson.Default.Naming)).Name);
        await WriteAsync(context, 200, await library.RenameAsync(Name(context), to, context.RequestAborted), EditorJson.Default.Found);
    }

    public async Task DeleteAsync(HttpContext context)
    {
        CheckRate(context);
        await library.DeleteAsync(Name(context), Visitor.Id(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task ChangesAsync(HttpContext context)
    {
        var found = await FoundAsync(context);
        await WriteAsync(context, 200, await history.ChangesAsync(found.Document, context.RequestAborted), EditorJson.Default.ChangeList);
    }

    public async Task VersionAsync(HttpContext context)
    {
        var found = await FoundAsync(context);
        if (!long.TryParse((string)context.Request.RouteValues["version"]!, out var version))
        {
            throw new EditorException(400, "bad-version", "A version is a number.");
        }

        // A version never changes; but the name may stand for another document later, so that the browser has to ask.
        var tag = $"\"{found.Document}-{version}\"";
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var text = await history.AtAsync(found.Document, version, context.RequestAborted);
        context.Response.ContentType = "application/json";
        text.WriteTo(context.Response.BodyWriter);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    public async Task ExportAsync(HttpContext context)
    {
        var found = await FoundAsync(context);
        var snapshot = await documents.FetchAsync(new DocumentKey(Collections.Texts, found.Document), context.RequestAborted);
        var text = RichTextDocument.Parse(snapshot.Data);
        var format = (string)context.Request.RouteValues["format"]!;
        var (type, content) = format switch
        {
            "html" => ("text/html", HtmlExport.Write(text, found.Name)),
            "md" => ("text/markdown", MarkdownExport.Write(text)),
            "txt" => ("text/plain", TextExport.Write(text)),
            _ => throw new EditorException(404, "bad-format", "A document can be had as html, md or txt."),
        };
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName($"{found.Name}.{format}");
        context.Response.Headers.ContentDisposition = disposition.ToString();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = type + "; charset=utf-8";
        await context.Response.WriteAsync(content, Encoding.UTF8, context.RequestAborted);
    }

    /// <summary>Answers a refusal as problem details (RFC 9457).</summary>
    public static async Task RefuseAsync(HttpContext context, EditorException refusal) => await WriteAsync(
        context, refusal.Status, new Problem(refusal.Message, refusal.Code, refusal.Status), EditorJson.Default.Problem, "application/problem+json");

    public ValueTask DisposeAsync() => _limits.DisposeAsync();

    private Task<Found> FoundAsync(HttpContext context) => library.FindAsync(Name(context), context.RequestAborted);

    private static DocumentName Name(HttpContext context) => DocumentName.Parse((string?)context.Request.RouteValues["name"]);

    private void CheckRate(HttpContext context)
    {
        using var lease = _limits.AttemptAcquire(Visitor.Id(context));
        if (!lease.IsAcquired)
        {
            throw new EditorException(429, "too-many", "That was a lot at once. Wait a few seconds.");
        }
    }

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBodyBytes;
        }

        try
        {
            // Only JSON: a page of another site cannot send it without being allowed to.
            if (context.Request.HasJsonContentType() && await context.Request.ReadFromJsonAsync(type, context.RequestAborted) is { } body)
            {
                return body;
            }
        }
        catch (JsonException)
        {
            // Answered below.
        }

        throw new EditorException(400, "not-json", "Send a JSON object with content type application/json.");
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(value, type, contentType, context.RequestAborted);
    }
}
