using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Server.Transports.WebSockets;

namespace Starling.Guides.Tests.WebSockets;

/// <summary>The snippets of the guide about plain WebSockets.</summary>
public sealed class WebSocketTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "{\"symbol\":\"ACME\",\"price\":42}")]
    [InlineData("xml", "<price symbol=\"ACME\">42</price>")]
    [InlineData("json", "{\"symbol\":\"ACME\",\"price\":42}")]
    public async Task A_client_chooses_the_format_by_subprotocol(string? subprotocol, string expected)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = Build(builder);
        await app.StartAsync(Stop);
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        if (subprotocol is not null)
        {
            client.Options.AddSubProtocol("yaml");
            client.Options.AddSubProtocol(subprotocol);
        }

        await client.ConnectAsync(new Uri(app.Urls.Single().Replace("http", "ws", StringComparison.Ordinal) + "/prices"), Stop);
        await client.SendAsync("ACME"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Stop);
        var buffer = new byte[1000];
        var result = await client.ReceiveAsync(buffer, Stop);

        Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, result.Count));
        Assert.Equal(subprotocol, client.SubProtocol);
    }

    private static WebApplication Build(WebApplicationBuilder builder)
    {
        // begin server
        builder.WebHost.UseLeanWebSockets();                                       // optional: frees HTTP's memory after the handshake
        builder.Services.AddSingleton(new WebSocketAcceptor(
            new WebSocketAcceptorOptions { Subprotocols = ["json", "xml"], Compression = true }, TimeProvider.System));
        var app = builder.Build();
        app.Map("/prices", async (HttpContext context, WebSocketAcceptor acceptor) =>
        {
            if (await acceptor.AcceptAsync(context) is { } connection)             // otherwise the request is answered already
            {
                await connection.ServeAsync(new PriceFeed(connection));
            }
        });
        // end
        return app;
    }
}
