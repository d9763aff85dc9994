using Starling.Documents.Storage;
using Starling.Documents.Submission;

namespace Starling.Documents.History;

/// <summary>
/// Drops old operations. What is kept begins with a milestone, so that every version from there on can be built, and every older
/// milestone stays as it is.
/// </summary>
internal static class Compaction
{
    /// <summary>Runs on the document's loop; returns the first version whose operation is kept.</summary>
    public static async ValueTask<long> RunAsync(ActiveDocument document, DocumentServices services, CancellationToken cancellationToken)
    {
        var policy = services.Options.Retention;
        if (policy.MinOperations is not { } min || document.State.Version <= min)
        {
            return 0;
        }

        var latest = Earliest(services.Time.GetUtcNow(), policy.MinAge).ToUnixTimeMilliseconds();
        var milestones = await document.Store.ListMilestonesAsync(document.Key, cancellationToken);
        var start = milestones.LastOrDefault(milestone => milestone.Version <= document.State.Version - min && milestone.Time <= latest);
        if (start is null)
        {
            return 0;
        }

        // The stored snapshot may lag behind; the operations after it are what makes up for that.
        await document.StoreSnapshotIfBehindAsync(cancellationToken);
        await document.Store.CommitAsync(
            new DocumentCommit { Key = document.Key, ExpectedVersion = document.State.Version, DropOperationsBefore = start.Version },
            cancellationToken);
        return start.Version;
    }

    private static DateTimeOffset Earliest(DateTimeOffset now, TimeSpan age) => age < now - DateTimeOffset.MinValue ? now - age : DateTimeOffset.MinValue;
}
