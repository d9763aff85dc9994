using Starling.Documents.Diagnostics;
using Starling.Documents.History;
using Starling.Documents.Storage;

namespace Starling.Documents.Submission;

/// <summary>Submissions to one document that are committed together: prepare each, commit once, acknowledge and publish, or try again.</summary>
internal sealed class SubmissionBatch(ActiveDocument document, DocumentServices services, List<Submission> open)
{
    /// <summary>Runs the batch to its end. Does not throw: what fails is told to those that it concerns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (open.Count > 0)
            {
                var copy = await PrepareAsync(cancellationToken);
                var result = await CommitAsync(copy, cancellationToken);
                if (result == CommitResult.Committed)
                {
                    Complete();
                    await CompactAsync(copy, cancellationToken);
                    break;
                }

                if (result == CommitResult.VersionConflict)
                {
                    await document.RefreshAsync(cancellationToken);
                }

                Retry();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }

        await document.RelayAsync(cancellationToken);
    }

    private async ValueTask<WorkingCopy> PrepareAsync(CancellationToken cancellationToken)
    {
        var copy = new WorkingCopy(document, document.State);
        foreach (var submission in open)
        {
            try
            {
                await submission.PrepareAsync(copy, cancellationToken);
            }
            catch (Exception exception)
            {
                // Whatever an application's step throws, a wait that timed out included, is the failure of this one alone.
                services.Log.SubmissionFailed(exception, document.Key);
                submission.Refuse(new DocumentException(DocumentErrors.Unknown, "The server failed to handle the operation", exception));
            }
        }

        return copy;
    }

    private async ValueTask<CommitResult> CommitAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        if (copy.Appended.Count == 0)
        {
            return CommitResult.Committed;
        }

        var started = services.Time.GetTimestamp();
        var snapshot = document.Snapshots.IsDue(copy) ? copy.State.ToSnapshot() : null;
        var result = await services.Store.CommitAsync(
            new DocumentCommit
            {
                Key = document.Key,
                ExpectedVersion = document.State.Version,
                Operations = copy.Operations(),
                Snapshot = snapshot,
                Milestones = copy.Milestones,
            },
            cancellationToken);
        services.Metrics.Committed(result, copy.Appended.Count, services.Time.GetElapsedTime(started));
        if (result == CommitResult.Committed)
        {
            document.Snapshots.Appended(copy.AppendedBytes, copy.Appended.Count);
            if (snapshot is not null)
            {
                document.Snapshots.Stored(snapshot.Data.Length);
            }
        }

        return result;
    }

    // The commit is made, so nothing that happens from here on may undo or repeat an acknowledgement.
    private void Complete()
    {
        // Each sender hears of its operation before the others hear of a later one.
        foreach (var submission in open)
        {
            Acknowledge(submission);
            if (submission.Refusal is not null)
            {
                services.Metrics.Refused(submission.Refusal.Code);
            }
            else if (submission.Outcome is { State: { } state, Committed: { } operation })
            {
                document.Advance(state, operation, isOwn: true);
            }
        }

        open.Clear();
    }

    private void Acknowledge(Submission submission)
    {
        try
        {
            submission.Acknowledge();
        }
        catch (Exception exception)
        {
            services.Log.NotDelivered(exception, document.Key);
        }
    }

    private async ValueTask CompactAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        if (copy.Milestones.Count == 0 || services.Options.Retention.MinOperations is null)
        {
            return;
        }

        try
        {
            await Compaction.RunAsync(document, services, cancellationToken);
        }
        catch (Exception exception)
        {
            services.Log.CompactionFailed(exception, document.Key);
        }
    }

    private void Retry()
    {
        foreach (var submission in open)
        {
            submission.Retry();
            if (submission.Refusal is not null)
            {
                Acknowledge(submission);
            }
        }

        open.RemoveAll(submission => submission.Refusal is not null);
    }

    // Whether the commit was made is not known, so the document is read again before it is used again.
    private void Fail(Exception exception)
    {
        services.Log.CommitFailed(exception, document.Key);
        document.MarkStale();
        foreach (var submission in open)
        {
            if (submission.Refusal is null)
            {
                submission.Refuse(new DocumentException(
                    DocumentErrors.StoreFailed, "The operation may not have been stored; sending it again is safe", exception));
            }

            Acknowledge(submission);
        }

        open.Clear();
    }
}
