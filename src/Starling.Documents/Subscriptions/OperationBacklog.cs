using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>Counts the bytes of the operations that wait in the subscriptions of one client. Thread-safe.</summary>
/// <param name="limit">How many bytes may wait.</param>
/// <param name="exceeded">Called once when more wait; must be quick.</param>
internal sealed class OperationBacklog(long limit, Action exceeded)
{
    private long _bytes;
    private int _isExceeded;

    public void Add(CommittedOperation operation)
    {
        if (Interlocked.Add(ref _bytes, operation.Size) > limit && Interlocked.Exchange(ref _isExceeded, 1) == 0)
        {
            exceeded();
        }
    }

    public void Remove(CommittedOperation operation) => Interlocked.Add(ref _bytes, -operation.Size);
}
