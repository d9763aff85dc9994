namespace Starling.Messaging.Calls;

/// <summary>A notification in a batch.</summary>
internal sealed class BatchedNotification(OutgoingMethod method, object? arguments) : BatchItem(method, arguments)
{
    public override PendingCall? Call => null;

    public override ValueTask InvokeAsync(RpcPeer peer, CancellationToken cancellationToken) =>
        peer.NotifyCoreAsync(Method, Arguments, cancellationToken);
}
