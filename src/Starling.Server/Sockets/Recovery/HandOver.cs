using System.Collections.Concurrent;
using Starling.Server.Backplane;
using Starling.Server.Diagnostics;
using Starling.Server.Sockets.Cluster;

namespace Starling.Server.Sockets.Recovery;

/// <summary>
/// The end of a node: it offers its lost sockets, gives them to the first node that takes them, and waits until that one has them. From the
/// moment at which they are taken out of the log, questions for them wait until all has been sent, and are then passed on to the heir.
/// </summary>
internal sealed class HandOver(
    Namespace owner, RecoveryLog own, InheritedLogs inherited, MovedSockets moved, RecoveryEncoding encoding,
    ConcurrentDictionary<string, ClusterRequest> requests)
{
    /// <summary>How long a node that stops waits for the one that takes its sockets.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLeaving;
    private volatile bool _isSending;

    private IBackplane Backplane => owner.Server.Backplane;

    /// <summary>Completes when no hand-over is being sent.</summary>
    public Task Sent => _isSending ? _sent.Task : Task.CompletedTask;

    /// <summary>Answers a node that looks for an heir.</summary>
    public void Answer(OfferHandOverMessage offer)
    {
        var isStaying = !_isLeaving && !owner.Server.Engine.IsDraining;
        Send(isStaying
            ? new AcceptHandOverMessage(owner.Topic, offer.RequestId) { Recipient = offer.Sender }
            : new RecoveryUnknownMessage(owner.Topic, offer.RequestId) { Recipient = offer.Sender });
    }

    /// <summary>Tells the node that stops that its sockets are here.</summary>
    public void Confirm(HandOverMessage message) =>
        Send(new HandOverDoneMessage(owner.Topic, message.TransferId) { Recipient = message.Sender });

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _isLeaving = true;
        await ClosedAsync(cancellationToken);
        if (Backplane.IsAlone || await FindHeirAsync(cancellationToken) is not { } heir)
        {
            return;
        }

        var sockets = 0;
        List<Task> confirmed = [];
        try
        {
            foreach (var log in TakeOut(heir))
            {
                sockets += log.Lost.Count;
                var transferId = Guid.NewGuid().ToString("N");
                confirmed.Add(ExpectAsync(transferId, others: 1, cancellationToken));
                await SendAsync(log, heir, transferId, cancellationToken);
            }
        }
        finally
        {
            _isSending = false;
            _sent.TrySetResult();
        }

        await Task.WhenAll(confirmed);
        owner.Server.Logger.RecoveryHandedOver(owner.Name, sockets, heir);
    }

    private async Task<string?> FindHeirAsync(CancellationToken cancellationToken)
    {
        var others = await Backplane.CountOthersAsync(owner.Topic, cancellationToken);
        var id = Guid.NewGuid().ToString("N");
        var answers = ExpectAsync(id, others, cancellationToken);
        await Backplane.PublishAsync(new OfferHandOverMessage(owner.Topic, id), cancellationToken);
        return (await answers).OfType<AcceptHandOverMessage>().FirstOrDefault()?.Sender;
    }

    private async Task<List<BackplaneMessage>> ExpectAsync(string id, int others, CancellationToken cancellationToken)
    {
        var request = requests[id] = new ClusterRequest(others);
        try
        {
            return (await request.WaitAsync(Limit, owner.Server.Engine.Wheel, cancellationToken)).Answers;
        }
        finally
        {
            requests.TryRemove(id, out _);
        }
    }

    // What closes now is lost only when its handlers have run. Those of one socket must not keep the others from being handed over.
    private async Task ClosedAsync(CancellationToken cancellationToken)
    {
        var left = owner.Sockets.Select(static socket => socket.Ticket?.Left ?? Task.CompletedTask);
        await Task.WhenAll(left).WaitAsync(Patience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private List<HandedOverLog> TakeOut(string heir)
    {
        lock (own.Order)
        {
            _isSending = true;
            List<HandedOverLog> logs = [];
            foreach (var log in inherited.TakeAll())
            {
                log.ExtendFrom(own);
                logs.Add(log.HandOver());
            }

            logs.Add(own.HandOver());
            logs.RemoveAll(static log => log.Lost.Count == 0);
            foreach (var lost in logs.SelectMany(static log => log.Lost))
            {
                moved.Add(lost.Socket.Ticket.Id, heir);
            }

            return logs;
        }
    }

    private async Task SendAsync(HandedOverLog log, string heir, string transferId, CancellationToken cancellationToken)
    {
        foreach (var chunk in RecoveryEncoding.Chunk(log.Packets.Select(encoding.Encode)))
        {
            await Backplane.PublishAsync(
                new RecoveryPacketsMessage(owner.Topic, transferId, chunk) { Recipient = heir }, cancellationToken);
        }

        foreach (var chunk in RecoveryEncoding.Chunk(log.Lost.Select(encoding.Encode)))
        {
            await Backplane.PublishAsync(
                new RecoverySessionsMessage(owner.Topic, transferId, chunk) { Recipient = heir }, cancellationToken);
        }

        await Backplane.PublishAsync(encoding.Encode(log, owner.Topic, transferId) with { Recipient = heir }, cancellationToken);
    }

    private void Send(BackplaneMessage message) => _ = SendAsync(message);

    private async Task SendAsync(BackplaneMessage message)
    {
        try
        {
            await Backplane.PublishAsync(message, CancellationToken.None);
        }
        catch (Exception exception)
        {
            owner.Server.Logger.BackplaneMessageFailed(exception, message.Recipient ?? "");
        }
    }
}
