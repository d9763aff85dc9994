using Microsoft.Extensions.DependencyInjection;
using Starling.Server.Backplane;
using Starling.Server.Sockets;

namespace Starling.Server.Tests.Sockets.Recovery;

/// <summary>Servers with connection state recovery on one backplane.</summary>
internal sealed class RecoveryCluster : IAsyncDisposable
{
    private readonly List<(RunningServer Server, InMemoryBackplane Backplane)> _nodes = [];

    public InMemoryBackplaneHub Hub { get; } = new();

    public RunningServer this[int index] => _nodes[index].Server;

    public static async Task<RecoveryCluster> StartAsync(
        int nodes, Action<SocketIOOptions>? configure = null, TimeProvider? time = null)
    {
        var cluster = new RecoveryCluster();
        for (var i = 0; i < nodes; i++)
        {
            await cluster.AddAsync(configure, time);
        }

        return cluster;
    }

    public async Task<RunningServer> AddAsync(Action<SocketIOOptions>? configure = null, TimeProvider? time = null)
    {
        var backplane = new InMemoryBackplane(Hub);
        var server = await RunningServer.StartAsync(
            options =>
            {
                options.ConnectionStateRecovery = new ConnectionStateRecoveryOptions();
                configure?.Invoke(options);
            },
            services => services.AddSingleton(time ?? TimeProvider.System),
            backplane);
        _nodes.Add((server, backplane));
        return server;
    }

    /// <summary>Stops a node as an operator does: it hands over what it has, and then is gone from the cluster.</summary>
    public async Task StopAsync(int index)
    {
        await _nodes[index].Server.StopAsync();
        await _nodes[index].Backplane.DisposeAsync();
    }

    public int IndexOf(RunningServer server) => _nodes.FindIndex(node => node.Server == server);

    public int SocketsWith(string id) => _nodes.Sum(node => node.Server.Io.Sockets.Count(socket => socket.Id == id));

    public async ValueTask DisposeAsync()
    {
        foreach (var (server, backplane) in _nodes)
        {
            await server.DisposeAsync();
            await backplane.DisposeAsync();
        }
    }
}
