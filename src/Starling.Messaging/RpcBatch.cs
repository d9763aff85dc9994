using Starling.Messaging.Calls;
using Starling.Messaging.Payloads;

namespace Starling.Messaging;

/// <summary>
/// Calls and notifications that go to the peer together, as a batch of JSON-RPC 2.0 (section 6). They are collected like calls to the peer
/// itself, also by <see cref="RpcPeer.GetService{TService}"/>, and leave with <see cref="SendAsync"/>; until then their tasks wait, and arguments
/// must not be changed. Each call has its own result, error, time-out, which begins with the sending, and token. Thread-safe.
/// </summary>
/// <remarks>
/// The peer may carry the calls out in any order or at once, and answers when the last is done: calls that take long belong into no batch.
/// A batch longer than <see cref="MessagingOptions.MaxMessageBytes"/> goes as several, and so do answers. Not every peer reads batches; <c>vscode-jsonrpc</c> does
/// not, and calls to it end by their time-outs.
/// </remarks>
public sealed class RpcBatch : RpcPeer
{
    private readonly Func<IReadOnlyList<BatchItem>, CancellationToken, Task> _send;
    private readonly Lock _gate = new();
    private readonly List<BatchItem> _items = [];
    private bool _isSent;

    internal RpcBatch(MessagingContext context, Func<IReadOnlyList<BatchItem>, CancellationToken, Task> send) => (Context, _send) = (context, send);

    /// <summary>How many calls and notifications are collected.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _items.Count;
            }
        }
    }

    internal override MessagingContext Context { get; }

    /// <summary>Adds a notification.</summary>
    /// <param name="method">Name of the method.</param>
    /// <param name="arguments">Its arguments, by position.</param>
    /// <exception cref="InvalidOperationException">The batch has been sent.</exception>
    public void Notify(string method, params object?[] arguments)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(arguments);
        Add(new BatchedNotification(new LooseMethod(method, Context.Serializer), arguments));
    }

    /// <summary>Sends what was collected, once. The answers are not awaited; the tasks of the calls are for that.</summary>
    /// <param name="cancellationToken">Ends the wait for room in the queues; all calls are then cancelled.</param>
    /// <exception cref="InvalidOperationException">The batch is empty, or has been sent.</exception>
    /// <exception cref="ArgumentException">
    /// There are more calls than <see cref="MessagingOptions.MaxPendingCalls"/>, and nothing is sent; or a notification alone is longer than
    /// <see cref="MessagingOptions.MaxMessageBytes"/>, and the rest is. A call that is too long throws this where it is awaited.
    /// </exception>
    /// <exception cref="TimeoutException">There was no room in the queues until the last call's time was over.</exception>
    /// <exception cref="ConnectionLostException">The connection has ended.</exception>
    public async Task SendAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ThrowIfSent();
            if (_items.Count == 0)
            {
                throw new InvalidOperationException("A batch must not be empty: add calls or notifications before it is sent.");
            }

            _isSent = true;
        }

        try
        {
            await _send(_items, cancellationToken);
        }
        catch (Exception e)
        {
            // Those that have not gone out; the others are settled or wait for their answers.
            foreach (var item in _items)
            {
                item.FailUnsent(e);
            }

            throw;
        }
    }

    internal override Task<T> CallCoreAsync<T>(
        OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var call = new BatchedCall<T>(method, arguments, codec, timeout, cancellationToken);
        Add(call);
        return call.Task;
    }

    internal override ValueTask NotifyCoreAsync(OutgoingMethod method, object? arguments, CancellationToken cancellationToken)
    {
        Add(new BatchedNotification(method, arguments));
        return ValueTask.CompletedTask;
    }

    private void Add(BatchItem item)
    {
        lock (_gate)
        {
            ThrowIfSent();
            _items.Add(item);
        }
    }

    private void ThrowIfSent()
    {
        if (_isSent)
        {
            throw new InvalidOperationException("The batch has been sent; create another.");
        }
    }
}
