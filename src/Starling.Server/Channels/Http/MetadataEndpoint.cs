using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Starling.Server.Channels.Authorization;

namespace Starling.Server.Channels.Http;

/// <summary>Publishes the hub's protected resource metadata (RFC 9728; Mercure, section "Protected Resource Metadata").</summary>
internal static class MetadataEndpoint
{
    public static async Task WriteAsync(HttpContext context, ChannelOptions options, string resourceIdentifier)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("resource"u8, resourceIdentifier);
        WriteList(writer, "authorization_details_types_supported", AuthorizationDetails.DetailType);
        WriteList(writer, "bearer_methods_supported", "header");
        if (options.CookieName is { } cookie)
        {
            writer.WriteString("mercure_cookie"u8, cookie);
        }

        WriteList(writer, "mercure_matcher_types_supported", "exact", "urlpattern");
        if (options.Subscriptions)
        {
            writer.WriteBoolean("mercure_subscriptions"u8, true);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, params ReadOnlySpan<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
