using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Starling.Server.Channels.Http;

/// <summary>Takes updates by POST (Mercure, section "Publication").</summary>
internal sealed class PublishEndpoint(ChannelOptions options, ChannelHub hub, RequestAccess access)
{
    private const string FormType = "application/x-www-form-urlencoded";

    public async Task HandleAsync(HttpContext context)
    {
        var presented = access.BeginPublishing(context);
        var update = Read(await ReadBodyAsync(context));
        if (hub.Check(update) is { } error)
        {
            throw new ChannelRefusal(ChannelError.BadRequest, error);
        }

        await access.CheckPublisherAsync(context, presented, update.Topics);
        string id;
        try
        {
            id = await hub.PublishCheckedAsync(update);
        }
        catch (IOException exception)
        {
            throw new ChannelRefusal(ChannelError.Unavailable, "The history cannot be written: " + exception.Message);
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(id, context.RequestAborted);
    }

    private async ValueTask<byte[]> ReadBodyAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase))
        {
            throw new ChannelRefusal(ChannelError.UnsupportedMediaType, $"An update is sent as {FormType}.");
        }

        if (context.Request.ContentLength > options.MaxUpdateBytes)
        {
            throw TooLarge();
        }

        // The limit here is what counts; the server's own may be lower.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            if (result.Buffer.Length > options.MaxUpdateBytes)
            {
                // The rest is read and dropped by the web server, so that the client gets to see the answer.
                reader.AdvanceTo(result.Buffer.End);
                throw TooLarge();
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private ChannelRefusal TooLarge() => new(ChannelError.TooLarge, $"An update may have at most {options.MaxUpdateBytes} bytes.");

    private Update Read(byte[] body)
    {
        var topics = new List<string>();
        string? data = null, id = null, type = null, retry = null;
        var isPrivate = false;
        foreach (var (name, value) in UrlEncodedForm.Parse(body))
        {
            switch (name)
            {
                case "topic":
                    topics.Add(Name("topic", value));
                    break;
                case "data":
                    data ??= value;
                    break;
                case "private":
                    isPrivate = true;
                    break;
                case "id":
                    id ??= Name("id", value);
                    break;
                case "type":
                    type ??= Name("type", value);
                    break;
                case "retry":
                    retry ??= value;
                    break;
            }
        }

        if (topics.Count > options.MaxTopicsPerUpdate)
        {
            throw new ChannelRefusal(ChannelError.TooLarge, $"An update may have at most {options.MaxTopicsPerUpdate} topics.");
        }

        return new Update(topics, Encoding.UTF8.GetBytes(data ?? ""))
        {
            IsPrivate = isPrivate,
            Id = string.IsNullOrEmpty(id) ? null : id,
            Type = string.IsNullOrEmpty(type) ? null : type,
            Retry = string.IsNullOrEmpty(retry) ? null : Retry(retry),
        };
    }

    private string Name(string field, string value) => Encoding.UTF8.GetByteCount(value) <= options.MaxNameBytes
        ? value
        : throw new ChannelRefusal(ChannelError.TooLarge, $"The field {field} may have at most {options.MaxNameBytes} bytes.");

    private static long Retry(string value) =>
        value.All(char.IsAsciiDigit) && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? milliseconds
            : throw new ChannelRefusal(ChannelError.BadRequest, "The field retry must be a number of milliseconds, in ASCII digits.");
}
