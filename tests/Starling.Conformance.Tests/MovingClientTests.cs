using System.Net;
using System.Net.Sockets;
using Starling.Server.Backplane;
using Starling.Server.Sockets;
using Socket = System.Net.Sockets.Socket;

namespace Starling.Conformance.Tests;

/// <summary>The official client and connection state recovery on a cluster of several nodes.</summary>
public sealed class MovingClientTests
{
    [Theory]
    [MemberData(nameof(NpmClientTests.Transports), MemberType = typeof(NpmClientTests))]
    public async Task Clients_that_move_between_nodes_get_every_event_once_and_in_order(string transports)
    {
        var hub = new InMemoryBackplaneHub();
        await using var one = await StartAsync(hub);
        await using var two = await StartAsync(hub);
        await using var three = await StartAsync(hub);
        using var end = new CancellationTokenSource();
        var publishing = Task.WhenAll(PublishAsync(one, 1, end.Token), PublishAsync(two, 2, end.Token), PublishAsync(three, 3, end.Token));
        try
        {
            await NodeScenario.RunAsync("moving", $"{one.Url},{two.Url},{three.Url}", transports);
        }
        finally
        {
            await end.CancelAsync();
            await publishing;
        }
    }

    [Theory]
    [MemberData(nameof(NpmClientTests.Transports), MemberType = typeof(NpmClientTests))]
    public async Task Clients_of_a_node_that_stops_come_back_by_themselves_to_another_and_are_recovered(string transports)
    {
        var hub = new InMemoryBackplaneHub();
        await using var old = await StartAsync(hub);
        await using var young = await StartAsync(hub);
        await using var door = new Door(new Uri(old.Url).Port);
        using var end = new CancellationTokenSource();
        var publishing = PublishAsync(young, 1, end.Token);
        try
        {
            var clients = NodeScenario.RunAsync("reload", door.Url, transports);
            while ((await old.Io.To("red").FetchSocketsAsync(TestContext.Current.CancellationToken)).Count < 4 && !clients.IsCompleted)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            door.Port = new Uri(young.Url).Port;
            await old.StopAsync();
            await clients;
        }
        finally
        {
            await end.CancelAsync();
            await publishing;
        }
    }

    private static Task<ConformanceServer> StartAsync(InMemoryBackplaneHub hub) => ConformanceServer.StartAsync(
        options => options.ConnectionStateRecovery = new(), backplane: new InMemoryBackplane(hub));

    private static async Task PublishAsync(ConformanceServer server, int node, CancellationToken end)
    {
        for (var n = 0; !end.IsCancellationRequested; n++)
        {
            await server.Io.To("red").EmitAsync("tick", node, n, CancellationToken.None);
            await Task.Delay(5, CancellationToken.None);
        }
    }

    /// <summary>One address whose new connections lead to one server after the other.</summary>
    private sealed class Door : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _accepting;

        public Door(int port)
        {
            Port = port;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port { get; set; }

        public string Url => $"http://{_listener.LocalEndpoint}";

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting;
        }

        private async Task AcceptAsync()
        {
            List<Task> connections = [];
            try
            {
                while (true)
                {
                    connections.Add(RunAsync(await _listener.AcceptSocketAsync()));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                await Task.WhenAll(connections);
            }
        }

        private async Task RunAsync(Socket client)
        {
            using var near = new NetworkStream(client, ownsSocket: true);
            var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, Port);
                using var far = new NetworkStream(server);
                await Task.WhenAll(PassAsync(near, far), PassAsync(far, near));
            }
            catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
            {
                // One of the ends has gone; so does the other.
            }
            finally
            {
                server.Dispose();
            }
        }

        private static async Task PassAsync(NetworkStream from, NetworkStream to)
        {
            try
            {
                await from.CopyToAsync(to);
                to.Socket.Shutdown(SocketShutdown.Send);
            }
            catch
            {
                // A connection that broke is broken in both directions.
                from.Socket.Dispose();
                to.Socket.Dispose();
                throw;
            }
        }
    }
}
