using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Starling.Messaging.Payloads;

namespace Starling.Messaging.NodeIpc;

/// <summary>
/// One end of the channel that Node.js opens between a parent and a child (<c>process.send</c>, <c>process.on('message')</c>), with JSON
/// messages and descriptors, on Linux and macOS. The other end may be Node.js or Starling.
/// </summary>
/// <remarks>
/// <para>
/// Owner: whoever made it; it lasts until one of the two disconnects or dies. Thread-safe. Messages sent one after the other come in that order;
/// each comes at most once. Nothing is received before <see cref="Start"/>.
/// </para>
/// <para>
/// A reader that does not read <see cref="Messages"/> stops the peer, and with it the acknowledgements of descriptors. So do not wait for
/// room to send where the messages are read, unless the peer reads its messages whatever happens, as Node.js does.
/// </para>
/// </remarks>
public sealed class NodeChannel : IAsyncDisposable
{
    private const string DescriptorVariable = "NODE_CHANNEL_FD";
    private const string SerializationVariable = "NODE_CHANNEL_SERIALIZATION_MODE";

    private readonly Socket _socket;
    private readonly NodeChannelOptions _options;
    private readonly PayloadSerializer _serializer;
    private readonly LineQueue _queue;
    private readonly LineWriter _writer;
    private readonly LineReceiver _receiver;
    private readonly Channel<NodeMessage> _messages;
    private readonly TaskCompletionSource _disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _receiving = Task.CompletedTask;
    private int _state;

    private NodeChannel(SafeHandle descriptor, NodeChannelOptions? options, bool isResumed)
    {
        _options = options ?? new NodeChannelOptions();
        _options.Validate();
        _serializer = new PayloadSerializer(_options.Serializer);
        UnixDescriptors.SetCloseOnExec(descriptor, true);
        _socket = new Socket(new SafeSocketHandle(descriptor.DangerousGetHandle(), ownsHandle: true));
        descriptor.SetHandleAsInvalid();
        _queue = new LineQueue(_options.MaxQueuedBytes, () => _ = _writer!.RunAsync());
        _writer = new LineWriter(_socket, _queue, exception => End(Lost(exception)));
        _messages = Channel.CreateBounded<NodeMessage>(
            new BoundedChannelOptions(_options.MaxQueuedMessages) { SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });
        _receiver = new LineReceiver(_socket, _options.MaxMessageBytes, _serializer, _queue, _messages.Writer, isResumed, _options.Dropped);
    }

    /// <summary>Messages from the peer, in order; ends when the channel is disconnected and all have been read. Dispose their handles.</summary>
    public ChannelReader<NodeMessage> Messages => _messages.Reader;

    /// <summary>Ends when the channel is closed, by this side or the other; never fails. See <see cref="Error"/>.</summary>
    public Task Disconnected => _disconnected.Task;

    /// <summary>Why the channel closed, when neither side meant it: the peer broke the rules, or the system failed.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Whether messages can be sent.</summary>
    public bool IsConnected => !_disconnected.Task.IsCompleted;

    /// <summary>Takes Node's own messages, such as those of its <c>cluster</c> module. Set before the start.</summary>
    internal Func<NodeMessage, ValueTask>? InternalHandler
    {
        get => _receiver.InternalHandler;
        set => _receiver.InternalHandler = value;
    }

    /// <summary>
    /// Opens a channel to a child that is yet to be started: give it the second one as descriptor N, with the environment
    /// <c>NODE_CHANNEL_FD=N</c> and <c>NODE_CHANNEL_SERIALIZATION_MODE=json</c>, then dispose it here, or its end is never noticed.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">Not on this platform.</exception>
    /// <exception cref="IOException">Too many descriptors are open.</exception>
    public static (NodeChannel Channel, SafeFileHandle ForChild) CreatePair(NodeChannelOptions? options = null)
    {
        var (ours, theirs) = UnixDescriptors.CreateSocketPair();
        using (ours)
        {
            return (new NodeChannel(ours, options, isResumed: false), theirs);
        }
    }

    /// <summary>
    /// Takes the channel to the parent that started this process, or null when there is none. Programs that this process starts do not
    /// inherit it: the descriptor is closed on exec, and the variables are removed.
    /// </summary>
    /// <exception cref="NodeChannelException">The parent wants another form than JSON, or what it passed is no socket.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on this platform.</exception>
    public static NodeChannel? FromEnvironment(NodeChannelOptions? options = null)
    {
        var text = Environment.GetEnvironmentVariable(DescriptorVariable);
        var serialization = Environment.GetEnvironmentVariable(SerializationVariable);
        Environment.SetEnvironmentVariable(DescriptorVariable, null);
        Environment.SetEnvironmentVariable(SerializationVariable, null);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (serialization is not (null or "" or "json"))
        {
            throw new NodeChannelException(
                $"The parent speaks '{serialization}' on its channel, and only 'json' is spoken here. Start this program with {{ serialization: 'json' }}, which is Node's default.");
        }

        if (!int.TryParse(text, out var descriptor) || descriptor < 0)
        {
            throw new NodeChannelException($"{DescriptorVariable} is '{text}', which is not the number of a descriptor.");
        }

        try
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            return new NodeChannel(handle, options, isResumed: false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new NodeChannelException($"Descriptor {descriptor} of {DescriptorVariable} is no channel: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Goes on with a channel whose descriptor was kept while the process at this end was replaced. Takes the descriptor over.
    /// </summary>
    /// <remarks>
    /// Bytes that the former process had taken are gone with it, so what comes first may be the rest of a message: a first line that is no JSON
    /// is dropped. (The rest of an object, an array or a string never is; only that of a bare number is.)
    /// A descriptor that came with it is closed.
    /// </remarks>
    /// <exception cref="SocketException">It is no connected socket.</exception>
    /// <exception cref="PlatformNotSupportedException">Not on this platform.</exception>
    public static NodeChannel Attach(SafeHandle descriptor, NodeChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return new NodeChannel(descriptor, options, isResumed: true);
    }

    /// <summary>Begins to receive. Calling it again does nothing.</summary>
    public void Start()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
        {
            _receiving = ReceiveAsync();
        }
    }

    /// <summary>Sends a value. Done when it is queued; waits while the queue is full.</summary>
    /// <exception cref="NodeChannelException">The channel is closed, or the message is too long.</exception>
    public Task SendAsync<T>(T message, CancellationToken cancellationToken = default) =>
        SendUtf8Async(Serialize(message), cancellationToken);

    /// <summary>Sends a JSON document as it is. Its form is not checked: Node.js ends when it is sent something else.</summary>
    /// <exception cref="NodeChannelException">The channel is closed, or the message is too long.</exception>
    public Task SendUtf8Async(ReadOnlyMemory<byte> json, CancellationToken cancellationToken = default)
    {
        CheckLength(json.Length);
        return _queue.AddAsync(new OutgoingLine(NodeWire.Line(json.Span), null), cancellationToken);
    }

    /// <summary>
    /// Sends a value and a descriptor, of which the peer gets its own. The caller's can be closed as soon as this returns. Messages sent
    /// after it wait until the peer has acknowledged it.
    /// </summary>
    /// <exception cref="NodeChannelException">The channel is closed, or the message is too long.</exception>
    /// <exception cref="IOException">The descriptor is not open, or too many are.</exception>
    public Task SendAsync<T>(T message, NodeHandleKind kind, SafeHandle descriptor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return SendAsync(Serialize(message), kind, UnixDescriptors.Duplicate(descriptor), cancellationToken);
    }

    /// <summary>
    /// Sends a value and a socket: a connection becomes a <c>net.Socket</c> in Node.js, a listening socket a <c>net.Server</c>, a UDP socket
    /// a bare handle. The caller disposes its own as soon as this returns; bytes that it has read are not sent with it.
    /// </summary>
    /// <exception cref="NodeChannelException">The channel is closed, or the message is too long.</exception>
    /// <exception cref="IOException">Too many descriptors are open.</exception>
    public Task SendAsync<T>(T message, Socket socket, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var kind = socket.SocketType == SocketType.Dgram ? NodeHandleKind.DatagramNative
            : (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection)! != 0 ? NodeHandleKind.Server
            : NodeHandleKind.Socket;
        return SendAsync(message, kind, socket.SafeHandle, cancellationToken);
    }

    /// <summary>
    /// Takes no more messages, sends those that wait, and closes the channel, which is the <c>disconnect</c> event of the other side. Messages
    /// that were received can still be read.
    /// </summary>
    /// <param name="cancellationToken">Closes the channel at once.</param>
    public async Task DisconnectAsync(CancellationToken cancellationToken = default)
    {
        _queue.Complete();
        try
        {
            await _queue.Drained.WaitAsync(cancellationToken);
        }
        finally
        {
            End(null);
        }
    }

    /// <summary>Closes the channel at once and closes the handles of messages that nobody read.</summary>
    public async ValueTask DisposeAsync()
    {
        End(null);
        await _receiving;
        while (_messages.Reader.TryRead(out var message))
        {
            message.Handle?.Dispose();
        }
    }

    private static NodeChannelException Lost(Exception exception) =>
        exception as NodeChannelException ?? new NodeChannelException($"The channel failed: {exception.Message}", exception);

    private Task SendAsync(byte[] json, NodeHandleKind kind, SafeFileHandle copy, CancellationToken cancellationToken)
    {
        try
        {
            CheckLength(json.Length);
            UnixDescriptors.SetNonBlocking(copy);
            var datagramType = kind == NodeHandleKind.DatagramSocket ? DatagramType(copy) : null;
            return _queue.AddAsync(new OutgoingLine(NodeWire.HandleLine(kind, json, datagramType), copy), cancellationToken);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    private static string DatagramType(SafeFileHandle copy)
    {
        using var socket = new Socket(new SafeSocketHandle(copy.DangerousGetHandle(), ownsHandle: false));
        return socket.AddressFamily == AddressFamily.InterNetworkV6 ? "udp6" : "udp4";
    }

    private byte[] Serialize<T>(T message) =>
        JsonSerializer.SerializeToUtf8Bytes(message, _serializer.TypeInfo<T>());

    private void CheckLength(int length)
    {
        if (length > _options.MaxMessageBytes)
        {
            throw new NodeChannelException(
                $"The message has {length} bytes, and {_options.MaxMessageBytes} are allowed. Send it in parts, or raise {nameof(NodeChannelOptions.MaxMessageBytes)}.");
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            await _receiver.RunAsync();
        }
        catch (Exception exception)
        {
            error = Lost(exception);
        }

        End(error);
    }

    private void End(Exception? error)
    {
        if (Interlocked.Exchange(ref _state, 2) == 2)
        {
            return;
        }

        Error = error;
        _queue.End(error);
        _socket.Dispose();
        _messages.Writer.TryComplete();
        _disconnected.TrySetResult();
    }
}
