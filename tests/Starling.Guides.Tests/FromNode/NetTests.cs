using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Starling.Guides.Tests.FromNode;

public sealed class NetTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // begin handler
    public sealed class Echo : ConnectionHandler                                   // createServer(socket => …)
    {
        public override Task OnConnectedAsync(ConnectionContext connection) =>
            connection.Transport.Input.CopyToAsync(connection.Transport.Output);                       // socket.pipe(socket)
    }
    // end

    [Fact]
    public async Task A_TCP_server_beside_the_web_server()
    {
        // begin server
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseConnectionHandler<Echo>()));
        var app = builder.Build();
        await app.StartAsync(Stop);
        // end
        var port = new Uri(app.Urls.Single()).Port;
        // begin client
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, Stop);                 // connect(port)
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { AutoFlush = true };
        await writer.WriteLineAsync("hello");
        var answer = await reader.ReadLineAsync(Stop);                             // 'data', framed by lines
        // end
        Assert.Equal("hello", answer);
        client.Close();
        await app.StopAsync(Stop);
    }

    [Fact]
    public async Task A_listening_socket_of_another_process()
    {
        // begin cluster
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        var handle = (ulong)listener.Handle;                                       // or the number that a parent or systemd has passed

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle(handle)); // several workers, one port
        // end
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapGet("/", () => "from the shared socket");
        await app.StartAsync(Stop);
        using var http = new HttpClient();
        Assert.Equal("from the shared socket", await http.GetStringAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}/", Stop));
    }

    [Fact]
    public async Task Datagrams()
    {
        // begin dgram
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));           // createSocket('udp4').bind(0)
        using var sender = new UdpClient(AddressFamily.InterNetwork);
        await sender.SendAsync("tick"u8.ToArray(), (IPEndPoint)receiver.Client.LocalEndPoint!, Stop);
        var datagram = await receiver.ReceiveAsync(Stop);                                    // 'message'
        // end
        Assert.Equal("tick"u8, datagram.Buffer);
    }
}
