using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Starling.Protocol.WebSockets;
using Starling.Server.Transports.WebSockets;

namespace Starling.Conformance.Tests;

/// <summary>Plain WebSockets with the npm package <c>ws</c>.</summary>
public sealed class WebSocketAcceptorTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Subprotocols_and_compression(bool lean)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (lean)
        {
            builder.WebHost.UseLeanWebSockets();
        }

        await using var app = builder.Build();
        using var acceptor = new WebSocketAcceptor(
            new WebSocketAcceptorOptions { Subprotocols = ["json", "xml"], Compression = true }, TimeProvider.System);
        app.Map("/echo", async context =>
        {
            if (await acceptor.AcceptAsync(context) is { } connection)
            {
                await connection.ServeAsync(new Echo(connection));
            }
        });
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(TestContext.Current.CancellationToken);

        await NodeScenario.RunAsync("subprotocols", app.Urls.Single());
    }

    private sealed class Echo(WebSocketConnection connection) : IWebSocketHandler
    {
        public ValueTask OnMessageAsync(Message message)
        {
            var asked = Encoding.UTF8.GetString(message.Payload.Span) == "protocol";
            connection.Send(asked ? Encoding.UTF8.GetBytes(connection.Subprotocol!) : message.Payload.Span, message.Opcode);
            return ValueTask.CompletedTask;
        }

        public void OnSlowClient()
        {
        }

        public void OnClosed(WebSocketEnd end)
        {
        }
    }
}
