using Starling.Messaging.Payloads;
using Starling.Messaging.Services;

namespace Starling.Messaging.Calls;

/// <summary>A method that returns a sequence: the call is made when the sequence is read.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
internal sealed class ProxySequence<T>(MethodShape shape) : ProxyMethod
{
    private readonly InterfaceMethod _method = new(shape);
    private readonly Codec<IAsyncEnumerable<T>> _result = (Codec<IAsyncEnumerable<T>>)shape.Result;
    private readonly int _tokenIndex = shape.TokenIndex;

    public override object? Call(RpcPeer peer, object?[] arguments, TimeSpan timeout)
    {
        var token = _tokenIndex < 0 ? default : (CancellationToken)arguments[_tokenIndex]!;
        return new CalledSequence<T>(peer, _method, arguments, _result, timeout, token);
    }
}
