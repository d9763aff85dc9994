using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Starling.Cluster.Diagnostics;
using Starling.Cluster.Discovery;
using Starling.Cluster.Topics;
using Starling.Server.Backplane;

namespace Starling.Cluster;

/// <summary>
/// Connects the processes of one application on one machine: each listens at a Unix socket in a folder, and who has the folder is in the cluster.
/// Without a folder the node is alone.
/// </summary>
/// <remarks>
/// Besides what every backplane guarantees: a message between two nodes that live and read is not lost. A node that does not read is cut off when
/// <see cref="LocalClusterOptions.MaxQueuedBytes"/> wait for it, loses what waited, and is back when it reads again; publishers never wait for it.
/// The nodes must run the same version of Starling. Life time: the application's. Thread-safe.
/// </remarks>
public sealed class LocalBackplane : IBackplane
{
    private readonly LocalClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ClusterMetrics _metrics;
    private readonly ClusterNode _node;
    private readonly Membership? _membership;
    private readonly Lock _gate = new();
    private Task? _joining;
    private volatile bool _isReady;
    private Task? _left;

    /// <summary>Creates a node. It has no peers before <see cref="JoinAsync(CancellationToken)"/>.</summary>
    /// <param name="options">The settings; not to be changed afterwards.</param>
    /// <param name="time">The clock; the system's if null.</param>
    /// <param name="meters">Makes the meter <c>Starling.Cluster</c>.</param>
    /// <param name="log">Where peers, cut links and refusals are logged.</param>
    /// <exception cref="ArgumentException">A setting cannot be.</exception>
    /// <exception cref="IOException">The folder cannot be made, may be written by other users, or has a path that is too long for sockets.</exception>
    public LocalBackplane(IOptions<LocalClusterOptions> options, TimeProvider? time = null, IMeterFactory? meters = null, ILogger<LocalBackplane>? log = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _options.Check();
        _time = time ?? TimeProvider.System;
        _log = log ?? NullLogger<LocalBackplane>.Instance;
        _metrics = new ClusterMetrics(meters);
        NodeId = NodeName.Create(_time);
        _node = new ClusterNode(NodeId, _options, _metrics, _log);
        if (!string.IsNullOrEmpty(_options.Folder))
        {
            _membership = new Membership(new ClusterFolder(_options.Folder), _node, _options, _time, _log);
        }
    }

    /// <inheritdoc/>
    public string NodeId { get; }

    /// <summary>Whether it has no folder. With one, others may come at any time.</summary>
    public bool IsAlone => _membership is null;

    /// <summary>
    /// Opens this node's socket and links it with those that are in the folder. The first subscription or message does so too, and an application that was given it
    /// by <c>AddLocalCluster</c> at the latest before it listens. Later calls wait for the first one.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Completes when all nodes in the folder are linked and know each other's topics, or have not answered within <see cref="LocalClusterOptions.PeerTimeout"/>.</returns>
    /// <exception cref="IOException">The socket cannot be opened.</exception>
    public Task JoinAsync(CancellationToken cancellationToken)
    {
        if (_membership is null)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_left is not null, this);
            _joining ??= JoinAsync(_membership);
            return _joining.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The message is larger than <see cref="LocalClusterOptions.MaxMessageBytes"/>.</exception>
    /// <exception cref="NotSupportedException">Messages of this kind cannot be sent between processes.</exception>
    public ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_isReady)
        {
            return _membership is null || IsLeft ? ValueTask.CompletedTask : JoinAndPublishAsync(message, cancellationToken);
        }

        _node.Publish(message);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The socket cannot be opened.</exception>
    /// <remarks>A node that does not answer within <see cref="LocalClusterOptions.PeerTimeout"/> is not waited for; it learns of the subscription when it reads again.</remarks>
    public async ValueTask<IAsyncDisposable> SubscribeAsync(
        string topic, Func<BackplaneMessage, ValueTask> handler, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(handler);
        await JoinAsync(cancellationToken);
        var (subscription, answers) = _node.Subscribe(topic, handler);
        if (answers.Count > 0)
        {
            await WaitAsync(subscription, Task.WhenAll(answers.Select(static answer => answer.Told)), cancellationToken);
            foreach (var (peer, _) in answers.Where(static answer => !answer.Told.IsCompleted))
            {
                _log.PeerSilent(peer.Name, _options.PeerTimeout);
            }
        }

        return subscription;
    }

    /// <inheritdoc/>
    public ValueTask<int> CountOthersAsync(string topic, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return new(_node.CountPeers(topic));
    }

    /// <summary>Leaves: what was published is sent, for <see cref="LocalClusterOptions.PeerTimeout"/> at most, and the socket is removed.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _left ??= LeaveAsync();
            return new(_left);
        }
    }

    private bool IsLeft
    {
        get
        {
            lock (_gate)
            {
                return _left is not null;
            }
        }
    }

    private async Task JoinAsync(Membership membership)
    {
        await membership.JoinAsync();
        _isReady = true;
    }

    private async ValueTask JoinAndPublishAsync(BackplaneMessage message, CancellationToken cancellationToken)
    {
        await JoinAsync(cancellationToken);
        _node.Publish(message);
    }

    private async Task WaitAsync(LocalSubscription subscription, Task told, CancellationToken cancellationToken)
    {
        try
        {
            await told.WaitAsync(_options.PeerTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Who is meant is logged by the caller.
        }
        catch (OperationCanceledException)
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    private async Task LeaveAsync()
    {
        if (_membership is not null)
        {
            await _membership.DisposeAsync();
        }

        await Task.WhenAll(_node.Leave().Select(link => link.CloseAsync(_options.PeerTimeout, _time)));
        _metrics.Dispose();
    }
}
