using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Starling.Messaging.NodeIpc;
using Starling.Worker.Handing;

namespace Starling.Worker;

/// <summary>
/// Takes messages off the channel, keeps to itself the one that ends the worker and those that bring connections, and leaves the others to the application. Owner: the host, for the
/// life of the process.
/// </summary>
internal sealed class WorkerChannel(NodeChannel? channel, DroppedMessages dropped, HandedConnections handed, ILogger<WorkerChannel> logger) : IWorkerChannel, IAsyncDisposable
{
    private const int Capacity = 1024;
    private const string Shutdown = "shutdown";

    private readonly Channel<NodeMessage> _messages = Channel.CreateBounded<NodeMessage>(Capacity);
    private volatile bool _hasReader;
    private bool _hasDropped;

    public bool IsConnected => channel is { IsConnected: true };

    /// <summary>Whether this process was started with a channel.</summary>
    public bool Exists => channel is not null;

    public async IAsyncEnumerable<NodeMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        _hasReader = true;
        await foreach (var message in _messages.Reader.ReadAllAsync(cancellationToken))
        {
            yield return message;
        }
    }

    public Task SendAsync<T>(T message, CancellationToken cancellationToken = default) => Connected().SendAsync(message, cancellationToken);

    public Task SendAsync<T>(T message, Socket socket, CancellationToken cancellationToken = default) =>
        Connected().SendAsync(message, socket, cancellationToken);

    /// <summary>Receives until the supervisor disconnects.</summary>
    public async Task RunAsync(Action onShutdown)
    {
        dropped.LogTo(logger);
        if (channel is not null)
        {
            handed.ReportTo(report => channel.SendAsync(report));
            channel.Start();
            await foreach (var message in channel.Messages.ReadAllAsync())
            {
                if (message.Is(Shutdown))
                {
                    onShutdown();
                    continue;
                }

                if (!IsTaken(message))
                {
                    await KeepAsync(message);
                }
            }
        }

        if (channel?.Error is { } error)
        {
            logger.ChannelFailed(error);
        }

        _messages.Writer.TryComplete();
    }

    /// <summary>Sends what waits, and leaves.</summary>
    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        if (channel is not null)
        {
            await channel.DisconnectAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _messages.Writer.TryComplete();
        return channel?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private bool IsTaken(NodeMessage message)
    {
        try
        {
            return handed.TryTake(message);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // One connection is lost, for instance because no descriptors are left; the messages that follow are read.
            logger.ChannelFailed(exception);
            return true;
        }
    }

    private async ValueTask KeepAsync(NodeMessage message)
    {
        while (!_messages.Writer.TryWrite(message))
        {
            if (_hasReader)
            {
                await _messages.Writer.WaitToWriteAsync();
            }
            else if (_messages.Reader.TryRead(out var oldest))
            {
                oldest.Handle?.Dispose();
                if (!_hasDropped)
                {
                    _hasDropped = true;
                    logger.MessagesDropped(Capacity);
                }
            }
        }
    }

    private NodeChannel Connected() =>
        channel ?? throw new NodeChannelException("This process was not started with a channel to a supervisor. Check IsConnected first.");
}
