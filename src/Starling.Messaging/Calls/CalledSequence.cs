using Starling.Messaging.Payloads;

namespace Starling.Messaging.Calls;

/// <summary>A sequence whose call is made each time that it is read.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
internal sealed class CalledSequence<T>(
    RpcPeer peer, OutgoingMethod method, object? arguments, Codec<IAsyncEnumerable<T>> codec, TimeSpan timeout, CancellationToken cancellationToken)
    : IAsyncEnumerable<T>
{
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken readerToken = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, readerToken);
        var sequence = await peer.CallCoreAsync(method, arguments, codec, timeout, both.Token);
        await foreach (var value in sequence.WithCancellation(both.Token))
        {
            yield return value;
        }
    }
}
