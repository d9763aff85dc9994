using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Starling.Messaging;
using Starling.Server.Channels;
using Starling.Server.Sockets;

namespace Starling.Guides.Tests.Readme;

/// <summary>What README.md shows, so that it is known to compile; the tests of each part run the same.</summary>
internal static class ReadmeCode
{
    public interface IPrices
    {
        Task<decimal> GetAsync(string symbol, CancellationToken cancellationToken);
    }

    public static void SocketIO(string[] args)
    {
        // begin socketio
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddSocketIO();
        var app = builder.Build();
        var io = app.MapSocketIO();
        io.On<string>("say", (socket, text) => io.EmitAsync("said", socket.Id, text).AsTask());
        io.OnRequest<int, int, int>("add", (socket, a, b) => Task.FromResult(a + b));
        app.Run("http://localhost:3000");
        // end
    }

    public static void Channels(WebApplicationBuilder builder, WebApplication app)
    {
        // begin channels
        builder.Services.AddChannels();
        app.MapChannels();
        app.MapPost("/news", (string text, IChannelPublisher channels) => channels.PublishAsync(new Update("news", text)).AsTask());
        // end
    }

    public static void Documents(WebApplicationBuilder builder, WebApplication app)
    {
        // begin documents
        builder.Services.AddDocuments().UseSqlite("documents.db");
        app.MapShareDb("/sharedb");
        // end
    }

    public static async Task<decimal> MessagingAsync(IPrices prices, CancellationToken cancellationToken)
    {
        // begin messaging
        await using var server = await RpcServer.StartAsync("unix:///run/app/prices.sock", new RpcServices().Add<IPrices>(prices));

        await using var client = await RpcClient.ConnectAsync("unix:///run/app/prices.sock");
        var price = await client.GetService<IPrices>().GetAsync("MSFT", cancellationToken);
        // end
        return price;
    }
}
