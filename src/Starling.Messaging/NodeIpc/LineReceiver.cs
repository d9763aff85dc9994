using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.NodeIpc;

/// <summary>The receiving half of a channel: one loop that takes bytes and descriptors, and hands out messages in order.</summary>
internal sealed class LineReceiver(
    Socket socket, int maxMessageBytes, PayloadSerializer serializer, LineQueue queue, ChannelWriter<NodeMessage> messages, bool isResumed,
    Action<NodeChannelException>? onDropped)
{
    // A peer has one on its way at a time; more are a sign of something else.
    private const int MaxWaitingDescriptors = 16;

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 1000 };

    private readonly LineCutter _lines = new(maxMessageBytes);
    private readonly List<SafeFileHandle> _descriptors = [];
    private readonly SharedConnections _connections = new(queue.Add);
    private bool _mayBeRest = isResumed;

    public Func<NodeMessage, ValueTask>? InternalHandler { get; set; }

    /// <summary>Receives until the peer disconnects.</summary>
    /// <exception cref="NodeChannelException">The peer sends what is no message.</exception>
    public async Task RunAsync()
    {
        try
        {
            while (await ReceiveAsync())
            {
                while (_lines.TryTake(out var line, out var isTooLong))
                {
                    if (isTooLong)
                    {
                        Drop(new NodeChannelException(
                            $"A message is longer than {maxMessageBytes} bytes. Send it in parts, or raise {nameof(NodeChannelOptions.MaxMessageBytes)}."));
                    }
                    else
                    {
                        await DispatchAsync(line);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException
            or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.ConnectionReset or SocketError.Shutdown })
        {
            // One of the two closed it.
        }
        finally
        {
            _descriptors.ForEach(static descriptor => descriptor.Dispose());
        }
    }

    private async ValueTask<bool> ReceiveAsync()
    {
        while (true)
        {
            // Waits without a buffer; only then come the bytes, by the call that also takes descriptors.
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
            var count = UnixDescriptors.TryReceive(socket.SafeHandle, _lines.Room().Span, _descriptors);
            if (_descriptors.Count > MaxWaitingDescriptors)
            {
                throw new NodeChannelException("The peer sends descriptors without the messages that they belong to.");
            }

            if (count >= 0)
            {
                _lines.Added(count);
                return count > 0;
            }
        }
    }

    private ValueTask DispatchAsync(ReadOnlyMemory<byte> line)
    {
        var mayBeRest = _mayBeRest;
        _mayBeRest = false;
        JsonElement message;
        try
        {
            message = JsonElement.Parse(line.Span, Json);
        }
        catch (JsonException exception)
        {
            if (mayBeRest)
            {
                CloseDescriptors();
            }
            else
            {
                Drop(new NodeChannelException($"The peer sent what is no JSON message: {exception.Message}", exception));
            }

            return ValueTask.CompletedTask;
        }

        return line.Span.IndexOf("NODE_"u8) >= 0 && NodeWire.Command(message) is { } command
            ? DispatchInternalAsync(command, message, null)
            : messages.WriteAsync(new NodeMessage(message, null, serializer));
    }

    private ValueTask DispatchInternalAsync(string command, JsonElement message, NodeHandle? handle)
    {
        switch (command)
        {
            case NodeWire.Acknowledged:
                queue.OnAcknowledged();
                return ValueTask.CompletedTask;
            case NodeWire.Refused:
                queue.OnRefused();
                return ValueTask.CompletedTask;
            case NodeWire.Handle when handle is null:
                return DispatchHandleAsync(message);
            default:
                if (!_connections.TryAnswer(command, message) && InternalHandler is not null)
                {
                    return HandleAsync(InternalHandler, new NodeMessage(message, handle, serializer));
                }

                handle?.Dispose();
                return ValueTask.CompletedTask;
        }
    }

    private ValueTask DispatchHandleAsync(JsonElement message)
    {
        if (_descriptors.Count == 0)
        {
            queue.Answer(received: false);
            return ValueTask.CompletedTask;
        }

        var descriptor = _descriptors[0];
        _descriptors.RemoveAt(0);
        queue.Answer(received: true);
        if (!NodeWire.TryKind(message, out var kind) || !NodeJson.TryGet(message, "msg", out var body))
        {
            descriptor.Dispose();
            return ValueTask.CompletedTask;
        }

        var released = kind == NodeHandleKind.Socket ? _connections.Add(message) : null;

        // Node wraps a message once more when it sends it again.
        while (NodeWire.Command(body) == NodeWire.Handle && NodeJson.TryGet(body, "msg", out var inner))
        {
            body = inner;
        }

        var handle = new NodeHandle(kind, descriptor, released);
        return NodeWire.Command(body) is { } command
            ? DispatchInternalAsync(command, body, handle)
            : DeliverAsync(new NodeMessage(body, handle, serializer));
    }

    /// <summary>A message that its handler cannot read must not end the reading of those that follow.</summary>
    private async ValueTask HandleAsync(Func<NodeMessage, ValueTask> handler, NodeMessage message)
    {
        try
        {
            await handler(message);
        }
        catch (Exception exception)
        {
            message.Handle?.Dispose();
            Drop(new NodeChannelException($"A message of the peer's runtime cannot be handled: {exception.Message}", exception));
        }
    }

    /// <summary>Drops a message, or ends the channel where the owner does not want to hear of dropped messages.</summary>
    private void Drop(NodeChannelException reason)
    {
        if (onDropped is null)
        {
            throw reason;
        }

        if (CloseDescriptors())
        {
            // The peer waits for this before it sends the next message.
            queue.Answer(received: true);
        }

        onDropped(reason);
    }

    private bool CloseDescriptors()
    {
        var hasAny = _descriptors.Count > 0;
        _descriptors.ForEach(static descriptor => descriptor.Dispose());
        _descriptors.Clear();
        return hasAny;
    }

    private async ValueTask DeliverAsync(NodeMessage message)
    {
        try
        {
            await messages.WriteAsync(message);
        }
        catch (ChannelClosedException)
        {
            message.Handle?.Dispose();
        }
    }
}
