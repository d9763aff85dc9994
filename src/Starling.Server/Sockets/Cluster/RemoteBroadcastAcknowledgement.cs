using Starling.Server.Backplane;
using Starling.Server.Rooms;

namespace Starling.Server.Sockets.Cluster;

/// <summary>This node's part of a broadcast that another node wants acknowledged: passes every client's answer on.</summary>
internal sealed class RemoteBroadcastAcknowledgement(IBackplane backplane, BroadcastMessage broadcast) : IAcknowledgement
{
    public async ValueTask RunAsync(Namespace owner, BroadcastTarget target)
    {
        var flags = broadcast.IsVolatile ? BroadcastFlags.Volatile : BroadcastFlags.None;
        var count = BroadcastAcknowledgement.Deliver(owner, broadcast.Payload, target, flags, this);
        await PublishAsync(new BroadcastCountMessage(broadcast.Topic, broadcast.RequestId!, count));
    }

    public void Complete(EventArguments answer) =>
        _ = PublishAsync(new BroadcastAckMessage(broadcast.Topic, broadcast.RequestId!, new SocketPayload(answer.Array, answer.Attachments)));

    /// <summary>The asking node finds out by its time-out.</summary>
    public void Cancel()
    {
    }

    private Task PublishAsync(BackplaneMessage message) =>
        backplane.PublishAsync(message with { Recipient = broadcast.Sender }, CancellationToken.None).AsTask();
}
