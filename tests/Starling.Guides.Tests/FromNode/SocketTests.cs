using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;

namespace Starling.Guides.Tests.FromNode;

public sealed class SocketTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_path_instead_of_a_port_and_an_end_that_leaves_the_other_direction_open()
    {
        var folder = Directory.CreateTempSubdirectory("starling-guide");
        var path = Path.Combine(folder.FullName, "echo.sock");
        // begin unix
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, endpoint => endpoint.UseConnectionHandler<NetTests.Echo>()));   // listen('/run/app.sock')
        await using var app = builder.Build();
        await app.StartAsync(Stop);

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), Stop);                   // connect('/run/app.sock')
        await using var stream = new NetworkStream(socket);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(10));                                           // setTimeout(10_000)
        await stream.WriteAsync("hello"u8.ToArray(), limit.Token);
        socket.Shutdown(SocketShutdown.Send);                                                  // end(): the other side may still send
        var answer = await new StreamReader(stream).ReadToEndAsync(limit.Token);               // until 'end'
        // end
        Assert.Equal("hello", answer);
        await app.StopAsync(Stop);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_multicast_group()
    {
        // begin multicast
        var group = IPAddress.Parse("239.192.17.4");
        using var member = new UdpClient(new IPEndPoint(IPAddress.Any, 0));
        member.JoinMulticastGroup(group, IPAddress.Loopback);                                  // addMembership(group, interface)
        using var sender = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)) { Ttl = 1, MulticastLoopback = true };     // setMulticastTTL(1)
        sender.Client.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());   // setMulticastInterface
        await sender.SendAsync("tick"u8.ToArray(), new IPEndPoint(group, ((IPEndPoint)member.Client.LocalEndPoint!).Port), Stop);
        var datagram = await member.ReceiveAsync(Stop);
        // end
        Assert.Equal("tick", Encoding.ASCII.GetString(datagram.Buffer));
    }
}
