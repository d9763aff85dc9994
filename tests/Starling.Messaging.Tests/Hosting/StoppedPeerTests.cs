using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Starling.Messaging.Tests.Hosting;

/// <summary>A peer that is stopped in the middle of a large answer, as by SIGSTOP, reads nothing more and does not go away.</summary>
public sealed class StoppedPeerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("kestrel")]
    [InlineData("tcp")]
    public async Task A_peer_that_is_stopped_is_given_up_and_keeps_no_server_from_stopping(string link)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services
            .AddMessaging(options =>
            {
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(300);
                options.HeartbeatTimeout = TimeSpan.FromMilliseconds(500);
                options.CloseTimeout = TimeSpan.FromSeconds(1);
            })
            .MapMethod("flood", () => new string('x', 8_000_000));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseMessaging()));
        await using var app = builder.Build();
        await app.StartAsync(Stop);
        var server = app.Services.GetRequiredService<RpcServer>();
        var port = link == "tcp"
            ? (await server.ListenAsync("tcp://127.0.0.1:0", Stop)).Port
            : new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        using var peer = new TcpClient { ReceiveBufferSize = 8_192 };
        await peer.ConnectAsync(IPAddress.Loopback, port, Stop);
        const string Request = """{"jsonrpc":"2.0","id":1,"method":"flood"}""";
        await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"Content-Length: {Request.Length}\r\n\r\n{Request}"), Stop);

        // Of the answer it reads the beginning, and then nothing.
        await peer.GetStream().ReadExactlyAsync(new byte[100], Stop);
        var connection = Assert.Single(server.Connections);
        await connection.Completion.WaitAsync(TimeSpan.FromSeconds(15), Stop);
        Assert.IsType<TimeoutException>(connection.EndReason);
        await app.StopAsync(Stop).WaitAsync(TimeSpan.FromSeconds(15), Stop);
    }
}
