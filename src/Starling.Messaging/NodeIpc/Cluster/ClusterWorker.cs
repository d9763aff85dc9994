using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Starling.Messaging.NodeIpc.Cluster;

/// <summary>
/// A worker of Node's <c>cluster</c> module as its primary sees it. Lives as long as its channel. Events come one at a time from the loop
/// that receives, and must neither wait nor throw.
/// </summary>
public sealed class ClusterWorker
{
    private readonly Lock _gate = new();
    private readonly ClusterPrimary _primary;
    private readonly CancellationTokenSource _gone = new();
    private readonly Dictionary<int, TaskCompletionSource<bool>> _offers = [];
    private readonly Dictionary<string, ClusterAddress> _servers = [];
    private int _sequence;

    internal ClusterWorker(ClusterPrimary primary, NodeChannel channel, int id)
    {
        _primary = primary;
        Channel = channel;
        Id = id;
        channel.InternalHandler = OnMessageAsync;
        _ = WatchAsync();
    }

    /// <summary>The worker runs.</summary>
    public event Action? Online;

    /// <summary>The worker listens; the port is the one it got.</summary>
    public event Action<ClusterAddress>? Listening;

    /// <summary>The channel is closed.</summary>
    public event Action? Disconnected;

    /// <summary>The worker's number.</summary>
    public int Id { get; }

    /// <summary>The channel to it.</summary>
    public NodeChannel Channel { get; }

    /// <summary>Whether its end was meant: it called <c>worker.disconnect()</c> or <c>kill()</c>, or <see cref="DisconnectAsync"/> was called.</summary>
    public bool ExitedAfterDisconnect { get; private set; }

    /// <summary>Servers of the worker that are open, by their keys.</summary>
    public IReadOnlyDictionary<string, ClusterAddress> Servers
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, ClusterAddress>(_servers);
            }
        }
    }

    /// <summary>Asks the worker to close its servers and then disconnect, which ends it unless something else keeps it up.</summary>
    /// <exception cref="NodeChannelException">The channel is closed.</exception>
    public Task DisconnectAsync(CancellationToken cancellationToken = default)
    {
        ExitedAfterDisconnect = true;
        return Channel.SendAsync(Message(new JsonObject { ["act"] = "disconnect" }), cancellationToken);
    }

    /// <summary>Hands the worker a connection for one of its <see cref="Servers"/>. The caller disposes its own in any case.</summary>
    /// <returns>False when the worker does not take it: its server is closed or has all the connections it wants; offer it to another.</returns>
    /// <exception cref="NodeChannelException">The channel is closed; whether the worker took it is unknown.</exception>
    public async Task<bool> OfferAsync(string key, Socket connection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var message = Message(new JsonObject { ["act"] = "newconn", ["key"] = key });
        var number = (int)message["seq"]!;
        var offer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _offers.Add(number, offer);
        }

        try
        {
            await Channel.SendAsync(message, NodeHandleKind.Native, connection.SafeHandle, cancellationToken);
            await using var registration = _gone.Token.UnsafeRegister(
                static offer => ((TaskCompletionSource<bool>)offer!).TrySetException(
                    new NodeChannelException("The worker disconnected while it was handed a connection.")), offer);
            return await offer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _offers.Remove(number);
            }
        }
    }

    private async Task WatchAsync()
    {
        await Channel.Disconnected;
        lock (_gate)
        {
            _servers.Clear();
        }

        await _gone.CancelAsync();
        Disconnected?.Invoke();
    }

    private ValueTask OnMessageAsync(NodeMessage message)
    {
        // A worker sends no handles with these but connections that it does not want any more, which are closed.
        message.Handle?.Dispose();
        var body = message.Body;
        if (NodeWire.Command(body) != "NODE_CLUSTER")
        {
            return ValueTask.CompletedTask;
        }

        if (NodeJson.Number(body, "ack") is { } acknowledged)
        {
            OnAnswer((int)acknowledged, body);
            return ValueTask.CompletedTask;
        }

        switch (NodeJson.Text(body, "act"))
        {
            case "online":
                Online?.Invoke();
                break;
            case "queryServer":
                return QueryServerAsync(body);
            case "listening" when ClusterAddress.Read(body) is { } address:
                Listening?.Invoke(address);
                break;
            case "close" when NodeJson.Text(body, "key") is { } key:
                lock (_gate)
                {
                    _servers.Remove(key);
                }

                break;
            case "exitedAfterDisconnect":
                ExitedAfterDisconnect = true;
                return SendAsync(Reply(body, []));
        }

        return ValueTask.CompletedTask;
    }

    private void OnAnswer(int number, JsonElement answer)
    {
        lock (_gate)
        {
            if (_offers.TryGetValue(number, out var offer))
            {
                offer.TrySetResult(NodeJson.TryGet(answer, "accepted", out var accepted) && accepted.ValueKind == JsonValueKind.True);
            }
        }
    }

    private async ValueTask QueryServerAsync(JsonElement query)
    {
        if (ExitedAfterDisconnect)
        {
            // A worker on its way out gets no answer, as in Node.
            return;
        }

        var address = ClusterAddress.Read(query);
        var reply = Reply(query, []);
        if (address is null)
        {
            reply["errno"] = ClusterErrors.InvalidArgument;
            await SendAsync(reply);
            return;
        }

        var key = string.Join(':', address.Host ?? "null", address.Port, NodeJson.Text(query, "addressType") ?? $"{NodeJson.Number(query, "addressType")}", address.Descriptor, address.Index);
        reply["key"] = key;
        SafeHandle socket;
        try
        {
            socket = await _primary.OpenAsync(address, _gone.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !_gone.IsCancellationRequested)
        {
            reply["errno"] = ClusterErrors.Number(exception);
            await SendAsync(reply);
            return;
        }

        lock (_gate)
        {
            _servers[key] = address;
        }

        var data = _primary.Share(key, NodeJson.TryGet(query, "data", out var given) ? given : default);
        reply["data"] = data.ValueKind == JsonValueKind.Undefined ? null : JsonNode.Parse(data.GetRawText());
        if (_primary.HandsOutConnections && !address.IsDatagram)
        {
            reply["sockname"] = SocketName(socket);
            await SendAsync(reply);
            return;
        }

        reply["errno"] = 0;
        await Channel.SendAsync(reply, address.IsDatagram ? NodeHandleKind.DatagramNative : NodeHandleKind.Native, socket);
    }

    private static JsonObject? SocketName(SafeHandle socket)
    {
        using var view = new Socket(new SafeSocketHandle(socket.DangerousGetHandle(), ownsHandle: false));
        return view.LocalEndPoint is IPEndPoint point
            ? new JsonObject
            {
                ["address"] = point.Address.ToString(),
                ["family"] = point.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
                ["port"] = point.Port,
            }
            : null;
    }

    private JsonObject Reply(JsonElement question, JsonObject reply)
    {
        reply["ack"] = NodeJson.Number(question, "seq") ?? -1;
        return Message(reply);
    }

    private JsonObject Message(JsonObject message)
    {
        message["cmd"] = "NODE_CLUSTER";
        message["seq"] = Interlocked.Increment(ref _sequence);
        return message;
    }

    private async ValueTask SendAsync(JsonObject message) => await Channel.SendAsync(message);
}
