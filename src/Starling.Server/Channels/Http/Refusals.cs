using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Starling.Server.Channels.Http;

/// <summary>Answers refused requests: a Bearer challenge where one belongs (RFC 6750) and problem details (RFC 9457).</summary>
/// <param name="metadataPath">Where the hub's protected resource metadata are.</param>
/// <param name="polls">Advises polling clients.</param>
internal sealed class Refusals(string metadataPath, PollAdvisor polls)
{
    public async Task WriteAsync(HttpContext context, ChannelRefusal refusal)
    {
        var error = refusal.Error;
        var response = context.Response;
        response.StatusCode = error.Status;
        if (error.HasChallenge)
        {
            var metadata = $"{context.Request.Scheme}://{context.Request.Host}{metadataPath}";
            var code = error.BearerError is { } name ? $"error=\"{name}\", " : "";
            response.Headers.WWWAuthenticate = $"Bearer {code}resource_metadata=\"{metadata}\"";
        }

        var callIn = error.IsTemporary ? polls.AfterError() : (int?)null;
        if (callIn is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, wait / 1000).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (error == ChannelError.MethodNotAllowed)
        {
            response.Headers.Allow = "GET, POST, OPTIONS";
        }

        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/problem+json";
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("title"u8, error.Title);
        writer.WriteNumber("status"u8, error.Status);
        if (refusal.Detail is { } detail)
        {
            writer.WriteString("detail"u8, detail);
        }

        if (context.Request.Query.ContainsKey("poll"))
        {
            if (callIn is { } milliseconds)
            {
                writer.WriteNumber("callIn"u8, milliseconds);
            }
            else
            {
                writer.WriteNull("callIn"u8);
            }
        }

        writer.WriteEndObject();
    }
}
