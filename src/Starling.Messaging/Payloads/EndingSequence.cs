using System.Runtime.CompilerServices;

namespace Starling.Messaging.Payloads;

/// <summary>A sequence that was handed over inside the process. It ends with the connection, as it would over a wire: whoever waits for its next value is told.</summary>
internal sealed class EndingSequence<T>(IAsyncEnumerable<T> source, CancellationToken ended) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => ReadAsync(cancellationToken).GetAsyncEnumerator(CancellationToken.None);

    private async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken readerToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(readerToken, ended);
        await using var values = source.GetAsyncEnumerator(both.Token);
        while (await MoveNextAsync(values, readerToken))
        {
            yield return values.Current;
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<T> values, CancellationToken readerToken)
    {
        try
        {
            return await values.MoveNextAsync();
        }
        catch (OperationCanceledException e) when (ended.IsCancellationRequested && !readerToken.IsCancellationRequested)
        {
            throw new ConnectionLostException("The connection has ended.", e);
        }
    }
}
