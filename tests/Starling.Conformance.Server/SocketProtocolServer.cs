using Starling.Server.Sockets;

namespace Starling.Conformance.Server;

/// <summary>What the Socket.IO protocol suite asks for.</summary>
internal static class SocketProtocolServer
{
    public static Action<WebApplication> Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddSocketIO(options =>
        {
            options.PingInterval = TimeSpan.FromMilliseconds(300);
            options.PingTimeout = TimeSpan.FromMilliseconds(200);
            options.ConnectTimeout = TimeSpan.FromMilliseconds(1000);
            options.Cors = AnyOrigin.Policy;
        });
        return app =>
        {
            var io = app.MapSocketIO();
            io.OnConnection(socket => socket.EmitAsync("auth", socket.Handshake.Auth).AsTask());
            io.On("message", (socket, received) => socket.EmitAsync("message-back", received.Arguments));
            io.On("message-with-ack", (_, received) => received.AckAsync(received.Arguments));
            io.Of("/custom").OnConnection(socket => socket.EmitAsync("auth", socket.Handshake.Auth).AsTask());
        };
    }
}
