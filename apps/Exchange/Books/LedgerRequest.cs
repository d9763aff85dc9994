namespace Starling.Apps.Exchange.Books;

/// <summary>Something that waits for the ledger's thread: an order, a listing, a question.</summary>
/// <param name="isChange">Whether it writes; otherwise it is a question.</param>
internal abstract class LedgerRequest(bool isChange)
{
    /// <summary>Whether it writes.</summary>
    public bool IsChange { get; } = isChange;

    /// <summary>Does it. What comes of it is told only by <see cref="Complete"/>.</summary>
    public abstract void Make(BookState state);

    /// <summary>Has it refused, whatever came of it.</summary>
    public abstract void Fail(ExchangeException refusal);

    /// <summary>Tells the one who waits.</summary>
    public abstract void Complete();
}

/// <summary>A request with a result.</summary>
/// <param name="isChange">Whether it writes.</param>
/// <param name="make">Does it.</param>
internal sealed class LedgerRequest<T>(bool isChange, Func<BookState, T> make) : LedgerRequest(isChange)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private ExchangeException? _refusal;

    /// <summary>Its result, or why there is none.</summary>
    public Task<T> Done => _done.Task;

    /// <inheritdoc/>
    public override void Make(BookState state)
    {
        try
        {
            _result = make(state);
        }
        catch (ExchangeException refusal)
        {
            _refusal = refusal;
        }
    }

    /// <inheritdoc/>
    public override void Fail(ExchangeException refusal) => _refusal = refusal;

    /// <inheritdoc/>
    public override void Complete()
    {
        if (_refusal is not null)
        {
            _done.SetException(_refusal);
        }
        else
        {
            _done.SetResult(_result!);
        }
    }
}
