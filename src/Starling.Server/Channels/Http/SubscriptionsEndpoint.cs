using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Starling.Protocol.Buffers;
using Starling.Server.Channels.Subscriptions;

namespace Starling.Server.Channels.Http;

/// <summary>Lists active subscriptions (Mercure, section "Subscription API").</summary>
internal sealed class SubscriptionsEndpoint(ChannelHub hub, SubscriptionRegistry registry, RequestAccess access, string hubPath)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            throw new ChannelRefusal(ChannelError.MethodNotAllowed);
        }

        // The path as it was sent: what is percent-encoded in a matcher must stay so.
        var topic = RawPath(context);
        var granted = await access.ForSubscriberAsync(context, [TopicMatcher.Exact(topic)]);
        if (granted.Grants.Count == 0 && !granted.IsUnlimited && granted.TokenId is null)
        {
            throw new ChannelRefusal(ChannelError.TokenMissing);
        }

        if (!granted.Allows(ChannelAction.Subscribe, topic))
        {
            throw new ChannelRefusal(ChannelError.Forbidden);
        }

        var segments = topic[registry.Root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var document = segments.Length switch
        {
            0 => Collection(topic, registry.Root + "/"),
            2 => Collection(topic, topic + "/"),
            3 => registry.Find(topic),
            _ => null,
        };
        await AnswerAsync(context, document ?? throw new ChannelRefusal(ChannelError.NotFound));
    }

    private static string RawPath(HttpContext context)
    {
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target : target[..query];
        return path.StartsWith('/') ? path[context.Request.PathBase.ToUriComponent().Length..] : context.Request.Path.ToUriComponent();
    }

    private byte[] Collection(string id, string prefix)
    {
        using var buffer = new PooledBuffer();
        using (var writer = new System.Text.Json.Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            writer.WriteString("type"u8, "subscriptions"u8);
            writer.WriteStartArray("subscriptions"u8);
            foreach (var document in registry.List(prefix))
            {
                writer.WriteRawValue(document, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }

    private async Task AnswerAsync(HttpContext context, byte[] document)
    {
        var cursor = HeaderText.Encode(hub.History.LastId ?? UpdateRules.Earliest);
        var headers = context.Response.Headers;
        headers.Link = $"<{hubPath}>; rel=\"mercure\"; last-event-id=\"{cursor}\"; type=\"mercure\"; content-type=\"application/json\"";
        headers.ETag = $"\"{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(cursor))}\"";
        headers.CacheControl = "must-revalidate";
        context.Response.ContentType = "application/json";
        context.Response.BodyWriter.Write(document);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
