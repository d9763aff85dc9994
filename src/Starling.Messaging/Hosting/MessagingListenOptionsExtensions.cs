using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Starling.Messaging.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Puts messaging beside the web server.</summary>
public static class MessagingListenOptionsExtensions
{
    /// <summary>
    /// Serves what <c>AddMessaging</c> was told at this endpoint of Kestrel, which then speaks no HTTP. Put <c>UseHttps</c> before it for TLS.
    /// </summary>
    /// <param name="listenOptions">The endpoint.</param>
    public static ListenOptions UseMessaging(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        listenOptions.UseConnectionHandler<MessagingConnectionHandler>();
        return listenOptions;
    }
}
