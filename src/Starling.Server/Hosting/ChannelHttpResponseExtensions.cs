using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Channels;
using Starling.Server.Channels.Http;

namespace Microsoft.AspNetCore.Http;

/// <summary>Tells the clients of a resource where its updates are published.</summary>
public static class ChannelHttpResponseExtensions
{
    /// <summary>
    /// Adds the link to the hub (Mercure, section "Hub Discovery") with the id of the last event, so that a client which subscribes after it
    /// has read the response misses nothing in between.
    /// </summary>
    /// <param name="response">The response, before it has started. To be called before the resource is read.</param>
    /// <param name="topic">The topic of the resource, added as <c>rel="self"</c>; null if it is the request's own address.</param>
    /// <exception cref="InvalidOperationException"><c>AddChannels</c> was not called.</exception>
    public static void AddHubLink(this HttpResponse response, string? topic = null)
    {
        ArgumentNullException.ThrowIfNull(response);
        var hub = response.HttpContext.RequestServices.GetRequiredService<ChannelHub>();
        var path = new Uri(hub.HubUrl).AbsolutePath;
        response.Headers.Append("Link", $"<{path}>; rel=\"mercure\"; last-event-id=\"{HeaderText.Encode(hub.History.Current.ToString())}\"");
        if (topic is not null)
        {
            response.Headers.Append("Link", $"<{HeaderText.Encode(topic)}>; rel=\"self\"");
        }
    }
}
