namespace Starling.Documents.Submission;

/// <summary>Asks a document to take its content out of memory.</summary>
internal sealed class UnloadWork : DocumentWork
{
    public static UnloadWork Instance { get; } = new();

    public override bool NeedsContent => false;

    public override bool NeedsNewest(long version) => false;

    // The content stays in memory until it is asked for again.
    public override void Fail(Exception exception)
    {
    }
}
