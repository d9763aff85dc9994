using System.IO.Pipelines;
using Starling.Messaging.Calls;
using Starling.Messaging.Connections;
using Starling.Messaging.Links;

namespace Starling.Messaging;

/// <summary>One connection. Both sides may call and be called. It ends once and for all; <see cref="RpcClient"/> makes new ones.</summary>
public abstract class RpcConnection : RpcPeer, IAsyncDisposable
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected RpcConnection()
    {
    }

    /// <summary>Where the peer is, for people.</summary>
    public abstract string RemoteAddress { get; }

    /// <summary>Who the peer says it is; null until it has said so.</summary>
    public PeerIdentity? Peer { get; internal set; }

    /// <summary>Ends, always well, when the connection has ended.</summary>
    public Task Completion => _completion.Task;

    /// <summary>What ended the connection; null while it is open, and when one of the sides closed it in order.</summary>
    public Exception? EndReason { get; private set; }

    /// <summary>Whether it is of no use any more, though its end may not be complete.</summary>
    internal virtual bool IsEnding => Completion.IsCompleted;

    /// <summary>Speaks over any pair of pipes.</summary>
    /// <param name="pipe">The pipes.</param>
    /// <param name="services">What the peer may call, or null for nothing.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    public static RpcConnection Open(IDuplexPipe pipe, RpcServices? services = null, MessagingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        var context = new MessagingContext(options, services);
        return WireConnection.Start(context, Link.Over(pipe, "a pair of pipes"));
    }

    /// <summary>Speaks over any pair of streams, for example the standard streams of a child process.</summary>
    /// <param name="input">What the peer writes. Disposed with the connection.</param>
    /// <param name="output">What the peer reads. Disposed with the connection.</param>
    /// <param name="services">What the peer may call, or null for nothing.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    public static RpcConnection Open(Stream input, Stream output, RpcServices? services = null, MessagingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        var link = Link.Over(input, output, "a pair of streams", output.DisposeAsync, () =>
        {
            output.Dispose();
            input.Dispose();
        });
        return WireConnection.Start(new MessagingContext(options, services), link);
    }

    /// <summary>Begins to collect calls and notifications that are sent together.</summary>
    public RpcBatch CreateBatch() => new(Context, SendBatchAsync);

    /// <summary>
    /// Closes in order: begins no more requests of the peer, waits, at most <see cref="MessagingOptions.CloseTimeout"/>, for those under way and for
    /// the answers to our calls, sends what is queued, and ends.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the connection is then cut.</param>
    public abstract Task CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>Cuts the connection. Calls under way fail.</summary>
    public abstract void Abort();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends the items together.</summary>
    internal abstract Task SendBatchAsync(IReadOnlyList<BatchItem> items, CancellationToken cancellationToken);

    /// <summary>Says who we are.</summary>
    /// <returns>Who the peer is, if it says so.</returns>
    internal abstract Task<PeerIdentity?> IntroduceAsync(PeerIdentity identity, CancellationToken cancellationToken);

    private protected void SetEnded(Exception? reason)
    {
        EndReason = reason;
        _completion.TrySetResult();
    }
}
