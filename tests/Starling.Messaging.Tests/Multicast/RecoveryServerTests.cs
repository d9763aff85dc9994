using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Starling.Messaging.Multicast;
using Starling.Protocol.SoupBinTcp;
using Starling.Server.Tests;

namespace Starling.Messaging.Tests.Multicast;

public sealed class RecoveryServerTests : IAsyncDisposable
{
    private const string Session = "SESSION001";

    private readonly ManualTime _time = new();
    private readonly FeedHistory _history = new(1_000_000, long.MaxValue);
    private readonly RecoveryServer _server;

    public RecoveryServerTests() =>
        _server = new RecoveryServer(new MulticastFeedOptions { Recovery = new IPEndPoint(IPAddress.Loopback, 0), TimeProvider = _time }, Session, _history);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Who_is_silent_after_the_login_is_closed_and_who_says_that_it_lives_is_not()
    {
        using var silent = await LogInAsync(1);
        using var living = await LogInAsync(1);
        var (end, going) = (ReadToEndAsync(silent), ReadToEndAsync(living));
        for (var second = 0; !end.IsCompleted; second++)
        {
            Assert.InRange(second, 0, 1_000);
            await living.SendAsync(Packet(SoupPacketType.ClientHeartbeat), Stop);
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(50), Stop));
        }

        await end;
        Assert.False(going.IsCompleted);
        await living.SendAsync(Packet(SoupPacketType.LogoutRequest), Stop);
        await going.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    [Fact]
    public async Task Who_does_not_read_is_closed_although_it_says_that_it_lives()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _history.Add(new byte[60_000]);
        }

        using var deaf = await LogInAsync(1);
        var speaking = Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                await deaf.SendAsync(Packet(SoupPacketType.ClientHeartbeat), Stop);
                _time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(TimeSpan.FromMilliseconds(20), Stop);
            }
        });
        await speaking.WaitAsync(TimeSpan.FromSeconds(60), Stop);
    }

    private static byte[] Packet(SoupPacketType type)
    {
        var packet = new ArrayBufferWriter<byte>();
        SoupPacket.Write(packet, type, []);
        return packet.WrittenSpan.ToArray();
    }

    private static async Task ReadToEndAsync(Socket socket)
    {
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, Stop) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Cut off, which is an end as well.
        }
    }

    private async Task<Socket> LogInAsync(long sequence)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_server.EndPoint, Stop);
        var login = new ArrayBufferWriter<byte>();
        SoupPacket.WriteLogin(login, Session, sequence);
        await socket.SendAsync(login.WrittenMemory, Stop);
        return socket;
    }
}
