namespace Starling.Server.Sessions;

/// <summary>The end of something long-lived as a token that is made when somebody first asks for it. Thread-safe.</summary>
internal struct LazyCancellation
{
    // Cancelled once and for all, and so fit to be shared by everything that has ended before anybody asked.
    private static readonly CancellationTokenSource Ended = new(TimeSpan.Zero);

    private CancellationTokenSource? _source;

    /// <summary>The token.</summary>
    public CancellationToken Token
    {
        get
        {
            var source = Volatile.Read(ref _source);
            if (source is null)
            {
                var made = new CancellationTokenSource();
                source = Interlocked.CompareExchange(ref _source, made, null) ?? made;
            }

            return source.Token;
        }
    }

    /// <summary>Cancels the token, also for those who ask later. Runs the callbacks that the application has registered.</summary>
    /// <returns>What callbacks threw; null when all went well.</returns>
    public AggregateException? Cancel()
    {
        try
        {
            Interlocked.CompareExchange(ref _source, Ended, null)?.Cancel();
            return null;
        }
        catch (AggregateException exception)
        {
            return exception;
        }
    }
}
