namespace Starling.Documents.History;

/// <summary>What is kept of a document's past. By default everything.</summary>
public sealed record RetentionPolicy
{
    /// <summary>How many of the newest operations are kept whatever their age; null for all. Clients that were away for more have to begin anew.</summary>
    public int? MinOperations { get; init; }

    /// <summary>How long operations are kept at least. Thirty days by default; only of interest when <see cref="MinOperations"/> is set.</summary>
    public TimeSpan MinAge { get; init; } = TimeSpan.FromDays(30);

    internal IEnumerable<string> Check(int milestoneInterval)
    {
        if (MinOperations is null)
        {
            yield break;
        }

        if (MinOperations < 0 || MinAge < TimeSpan.Zero)
        {
            yield return $"{nameof(MinOperations)} and {nameof(MinAge)} must not be negative.";
        }

        if (milestoneInterval == 0)
        {
            yield return "Operations can only be dropped where milestones are kept in their place; set MilestoneInterval.";
        }
    }
}
