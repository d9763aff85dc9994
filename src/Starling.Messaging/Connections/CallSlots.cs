using Starling.Messaging.Calls;

namespace Starling.Messaging.Connections;

/// <summary>A place for each call that may be unanswered. Thread-safe. Owner: the connection.</summary>
/// <param name="connection">The connection, whose bytes must have room too.</param>
/// <param name="limit">How many places there are.</param>
internal sealed class CallSlots(WireConnection connection, int limit)
{
    private readonly SemaphoreSlim _free = new(limit);

    // Two batches that each had half of the places would wait for each other for ever.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Takes a place, if there is one and room for the call's bytes.</summary>
    public bool TryTake() => connection.Output.HasRoom && _free.Wait(0, CancellationToken.None);

    /// <summary>Waits for places, and for room. Who gives up leaves his to others.</summary>
    /// <param name="count">How many.</param>
    /// <param name="what">What is to be sent, for people.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">There were not enough in time.</exception>
    public async Task TakeAsync(int count, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, connection.Context.Options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var taken = 0;
        try
        {
            await _turn.WaitAsync(both.Token);
            try
            {
                for (; taken < count; taken++)
                {
                    await _free.WaitAsync(both.Token);
                }
            }
            finally
            {
                _turn.Release();
            }

            await connection.Output.WaitForRoomAsync(both.Token);
        }
        catch (OperationCanceledException)
        {
            Release(taken);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{what} could not be sent to {connection.RemoteAddress} in time: too much is waiting.");
        }
    }

    /// <summary>Frees the place of a call, if it had one.</summary>
    public void Release(PendingCall call) => Release(call.HasPlace ? 1 : 0);

    public void Release(int count)
    {
        if (count > 0)
        {
            _free.Release(count);
        }
    }
}
