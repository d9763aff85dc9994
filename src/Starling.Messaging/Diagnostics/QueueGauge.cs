namespace Starling.Messaging.Diagnostics;

/// <summary>Watches the length of one bounded queue and raises the alarm once when it passes its threshold. Thread-safe.</summary>
internal sealed class QueueGauge
{
    private readonly long _threshold;
    private readonly Action<QueueGauge, long> _raise;
    private int _isRaised;

    /// <param name="queue">Name of the queue.</param>
    /// <param name="limit">How much it holds.</param>
    /// <param name="threshold">Part of the limit that raises the alarm.</param>
    /// <param name="raise">Told of the alarm with the length.</param>
    public QueueGauge(string queue, long limit, double threshold, Action<QueueGauge, long> raise)
    {
        Queue = queue;
        Limit = limit;
        _threshold = Math.Max(1, (long)(limit * threshold));
        _raise = raise;
    }

    public string Queue { get; }

    public long Limit { get; }

    /// <summary>To be called whenever the length has changed.</summary>
    public void Observe(long length)
    {
        if (length < _threshold)
        {
            // Half of the threshold, so that a queue that hovers around it does not cry all the time.
            if (_isRaised != 0 && length <= _threshold / 2)
            {
                Volatile.Write(ref _isRaised, 0);
            }

            return;
        }

        if (_isRaised == 0 && Interlocked.Exchange(ref _isRaised, 1) == 0)
        {
            _raise(this, length);
        }
    }
}
