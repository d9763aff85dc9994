using System.IO.Pipelines;

namespace Starling.Server.Transports.Detaching;

/// <summary>A pipe's reading end that HTTP cannot complete once the connection is detached.</summary>
internal sealed class DetachableReader(PipeReader inner, DetachableConnection connection) : PipeReader
{
    /// <summary>Whether HTTP had completed it before the connection was detached, as it does when the client leaves early.</summary>
    public bool IsCompleted { get; private set; }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => inner.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

    public override void Complete(Exception? exception = null)
    {
        if (!connection.IsDetached)
        {
            IsCompleted = true;
            inner.Complete(exception);
        }
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Complete(exception);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken) =>
        inner.ReadAtLeastAsync(minimumSize, cancellationToken);
}
