using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Starling.Messaging.Tests.Connections;

/// <summary>A process that a debugger, SIGSTOP or an overloaded machine held up must not blame its peers for the time that passed.</summary>
public sealed class PausedProcessTests
{
    private static readonly TimeSpan SeveralSweeps = TimeSpan.FromMilliseconds(400);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_whose_answer_to_a_heartbeat_lies_in_the_socket_is_not_dead()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new JumpingTime();
        var options = new MessagingOptions { TimeProvider = time, HeartbeatInterval = TimeSpan.FromMilliseconds(100), HeartbeatTimeout = TimeSpan.FromSeconds(20) };
        await using var client = await RpcClient.ConnectAsync($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", null, options, Stop);
        var connection = client.Connection!;
        using var peer = await listener.AcceptTcpClientAsync(Stop);
        await ReadUntilAsync(peer, "$/ping");
        time.Jump(TimeSpan.FromHours(1));
        await Task.Delay(SeveralSweeps, Stop);
        Assert.False(connection.Completion.IsCompleted);

        // It does count from then on.
        peer.Client.Shutdown(SocketShutdown.Send);
        await connection.Completion.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task A_message_that_was_half_there_may_still_come_to_its_end()
    {
        var time = new JumpingTime();
        await using var server = new RpcServer(new RpcServices().Add("add", (int a, int b) => a + b), new MessagingOptions { TimeProvider = time, HeartbeatInterval = Timeout.InfiniteTimeSpan });
        var address = await server.ListenAsync("tcp://127.0.0.1:0", Stop);
        using var peer = await RawPeer.ConnectAsync(address.Port);
        const string Request = """{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}""";
        await peer.SendAsync($"Content-Length: {Request.Length}\r\n\r\n{Request}Content-Length: {Request.Length}\r\n\r\n{Request[..10]}");
        Assert.Equal(3, (await peer.ReadAsync())!.Value.GetProperty("result").GetInt32());
        time.Jump(TimeSpan.FromHours(1));
        await Task.Delay(SeveralSweeps, Stop);
        await peer.SendAsync(Request[10..]);
        Assert.Equal(3, (await peer.ReadAsync())!.Value.GetProperty("result").GetInt32());
    }

    [Fact]
    public async Task Calls_have_the_rest_of_their_time()
    {
        var time = new JumpingTime();
        await using var service = await RunningService.StartAsync("tcp", options => options.TimeProvider = time);
        var call = service.Client.GetService<ICalculator>(TimeSpan.FromSeconds(3)).WaitAsync(Stop);
        await service.Calculator.WaitBegan.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        time.Jump(TimeSpan.FromHours(1));
        await Task.Delay(SeveralSweeps, Stop);
        Assert.False(call.IsCompleted);
        await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(TimeSpan.FromSeconds(20), Stop));
    }

    [Fact]
    public async Task A_peer_is_asked_whether_it_lives_although_all_places_for_calls_are_taken()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RpcServer(new RpcServices().Add("slow", () => release.Task));
        var address = await server.ListenAsync("tcp://127.0.0.1:0", Stop);
        var options = new MessagingOptions
        {
            MaxPendingCalls = 1,
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            HeartbeatTimeout = TimeSpan.FromMilliseconds(500),
        };
        await using var client = await RpcClient.ConnectAsync(address.ToString(), null, options, Stop);
        var slow = client.InvokeAsync("slow", [], null, Stop);
        await Assert.ThrowsAsync<TimeoutException>(() => slow.WaitAsync(TimeSpan.FromSeconds(2), Stop));
        release.SetResult();
        await slow;
    }

    private static async Task ReadUntilAsync(TcpClient peer, string text)
    {
        var heard = new StringBuilder();
        var buffer = new byte[1000];
        while (!heard.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await peer.GetStream().ReadAsync(buffer, Stop);
            Assert.NotEqual(0, count);
            heard.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
    }
}
