using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Starling.Server.Sessions;

/// <summary>A refusal that an HTTP client is told as <c>{"code":n,"message":"..."}</c>.</summary>
/// <param name="Code">Number of the refusal: below 100 as in the reference server, from 100 on our own. Never reused.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Status">The status code of the answer.</param>
internal sealed record EngineError(int Code, string Message, int Status = StatusCodes.Status400BadRequest)
{
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            return;
        }

        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "5";
        }

        var text = $$"""{"code":{{Code}},"message":"{{JsonEncodedText.Encode(Message)}}"}""";
        response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(text);
        await response.WriteAsync(text, context.RequestAborted);
    }
}
