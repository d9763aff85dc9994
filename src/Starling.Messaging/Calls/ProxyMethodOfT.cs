using Starling.Messaging.Payloads;
using Starling.Messaging.Services;

namespace Starling.Messaging.Calls;

/// <inheritdoc/>
/// <typeparam name="T">Type of the result.</typeparam>
internal sealed class ProxyMethod<T>(MethodShape shape) : ProxyMethod
{
    private readonly InterfaceMethod _method = new(shape);
    private readonly bool _isNotification = shape.IsNotification();
    private readonly Codec<T> _result = (Codec<T>)shape.Result;
    private readonly ReturnKind _return = shape.Return;
    private readonly int _tokenIndex = shape.TokenIndex;

    public override object? Call(RpcPeer peer, object?[] arguments, TimeSpan timeout)
    {
        var token = _tokenIndex < 0 ? default : (CancellationToken)arguments[_tokenIndex]!;
        if (_isNotification)
        {
            var sent = peer.NotifyCoreAsync(_method, arguments, token);
            return _return switch
            {
                ReturnKind.Task => sent.AsTask(),
                ReturnKind.ValueTask => sent,
                _ => Forget(sent),
            };
        }

        var call = peer.CallCoreAsync(_method, arguments, _result, timeout, token);
        return _return switch
        {
            ReturnKind.ValueTask => new ValueTask(call),
            ReturnKind.ValueTaskOfValue => new ValueTask<T>(call),
            _ => call,
        };
    }

    private static object? Forget(ValueTask sent)
    {
        // A notification without a task cannot tell of a lost connection; nothing may be unobserved either.
        _ = sent.AsTask().ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return null;
    }
}
