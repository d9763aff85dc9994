using Starling.Documents.History;
using Starling.Documents.Middleware;
using Starling.Documents.Subscriptions;
using Starling.Protocol;

namespace Starling.Documents.Hosting;

/// <summary>Settings of the document engine.</summary>
public sealed class DocumentsOptions
{
    /// <summary>
    /// The most bytes of one operation or of the data of a creation, as JSON; also of what transformation makes of an operation. 8 MB by
    /// default, so that an image of 5 MB can be pasted. A ShareDB endpoint has to take messages that are a little longer.
    /// </summary>
    public int MaxOperationBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// The most bytes of a document, as JSON. 16 MB by default. Operations that make a larger one are refused; a document that is larger
    /// already can only be made smaller.
    /// </summary>
    public int MaxDocumentBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// The most steps that carrying one operation over those committed since its base version may take. 1,000,000 by default. A json0
    /// operation takes as many steps as the product of the parts of both.
    /// </summary>
    public long MaxTransformSteps { get; set; } = 1_000_000;

    /// <summary>How often an operation is tried again when another node was quicker; null for as often as needed. 50 by default.</summary>
    public int? MaxSubmitRetries { get; set; } = 50;

    /// <summary>Whether an operation that transformation made a no-op is refused instead of stored, if its client can deal with that.</summary>
    public bool RefuseNoOps { get; set; }

    /// <summary>Every version that this number divides is kept whole, so that the past is quick to have; 0 for none. 500 by default.</summary>
    public int MilestoneInterval { get; set; } = 500;

    /// <summary>What is kept of the past; by default everything.</summary>
    public RetentionPolicy Retention { get; set; } = new();

    /// <summary>How long a document without subscribers stays in memory after its last use. One minute by default.</summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Of how many documents in memory on those without subscribers leave at once instead of after <see cref="IdleTime"/>. 10,000 by default.</summary>
    public int MaxIdleDocuments { get; set; } = 10_000;

    /// <summary>
    /// The most bytes of documents that are kept in memory, as JSON and with the tails of their logs. 64 MB by default. The documents that were
    /// not used for longest leave memory first, also those with subscribers, and are read from the store when they are used again. Documents
    /// that are being worked on come on top.
    /// </summary>
    public long MaxDocumentMemoryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The most operations of a document that are kept in memory. 500 by default.</summary>
    public int MaxTailOperations { get; set; } = 500;

    /// <summary>The most bytes of operations of a document that are kept in memory. 256 KB by default.</summary>
    public int MaxTailBytes { get; set; } = 256 * 1024;

    /// <summary>The most documents that a query may find. 1,000 by default.</summary>
    public int MaxQueryResults { get; set; } = 1000;

    /// <summary>The most bytes of the documents that a query finds. 8 MB by default.</summary>
    public int MaxQueryBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>The most conditions and fields to sort by of one query. 20 by default.</summary>
    public int MaxQueryConditions { get; set; } = 20;

    /// <summary>The least time between two runs of a live query that has to be run as a whole. 50 ms by default.</summary>
    public TimeSpan QueryInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How far back undoing looks for a user's operations, in operations of the document. 1,000 by default.</summary>
    public int MaxUndoOperations { get; set; } = 1000;

    /// <summary>Views of collections that show some fields only.</summary>
    public IList<Projection> Projections { get; } = [];

    /// <summary>The application's own steps.</summary>
    public DocumentMiddleware Middleware { get; } = new();

    /// <summary>
    /// Decides who may do what; null, the default, lets everybody do everything. Not asked for what the server does itself. Called for
    /// each request, for each document that a query finds, and for each operation and presence that a live query or a presence channel
    /// brings; should be quick.
    /// </summary>
    public Func<DocumentAccess, CancellationToken, ValueTask<bool>>? Authorize { get; set; }

    internal IEnumerable<string> Check()
    {
        (string Name, long Value)[] counts =
        [
            (nameof(MaxOperationBytes), MaxOperationBytes), (nameof(MaxDocumentBytes), MaxDocumentBytes),
            (nameof(MaxTailOperations), MaxTailOperations), (nameof(MaxTailBytes), MaxTailBytes),
            (nameof(MaxQueryResults), MaxQueryResults), (nameof(MaxUndoOperations), MaxUndoOperations),
            (nameof(MaxTransformSteps), MaxTransformSteps), (nameof(MaxQueryBytes), MaxQueryBytes),
            (nameof(MaxQueryConditions), MaxQueryConditions), (nameof(MaxIdleDocuments), MaxIdleDocuments),
            (nameof(MaxDocumentMemoryBytes), MaxDocumentMemoryBytes),
        ];
        foreach (var (name, value) in counts)
        {
            if (value <= 0)
            {
                yield return $"{name} must be greater than zero.";
            }
        }

        if (!TimerLimits.IsPositive(IdleTime))
        {
            yield return $"{nameof(IdleTime)} is {IdleTime}; it must be more than zero and at most {TimerLimits.Longest.Days} days.";
        }

        if (QueryInterval < TimeSpan.Zero || QueryInterval > TimerLimits.Longest)
        {
            yield return $"{nameof(QueryInterval)} is {QueryInterval}; it must be from zero to {TimerLimits.Longest.Days} days.";
        }

        if (MilestoneInterval < 0)
        {
            yield return $"{nameof(MilestoneInterval)} must not be negative.";
        }

        if (Projections.GroupBy(projection => projection.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            yield return $"There are several projections named {twice.Key}.";
        }

        foreach (var problem in Retention.Check(MilestoneInterval))
        {
            yield return problem;
        }
    }
}
