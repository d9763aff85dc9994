using Starling.Messaging.Payloads;

namespace Starling.Messaging.Calls;

/// <summary>A call in a batch.</summary>
internal sealed class BatchedCall<T>(OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, CancellationToken token)
    : BatchItem(method, arguments)
{
    private readonly PendingCall<T> _call = new(method.Name, codec);

    public Task<T> Task => _call.Task;

    public override PendingCall Call => _call;

    public override TimeSpan Timeout => timeout;

    public override CancellationToken Token => token;

    public override ValueTask InvokeAsync(RpcPeer peer, CancellationToken cancellationToken)
    {
        IsSent = true;
        _ = FinishAsync(peer.CallCoreAsync(Method, Arguments, codec, timeout, token));
        return ValueTask.CompletedTask;
    }

    private async Task FinishAsync(Task<T> single)
    {
        try
        {
            _call.SettleValue(await single);
        }
        catch (Exception e)
        {
            _call.SettleError(e);
        }

        _call.Complete();
    }
}
