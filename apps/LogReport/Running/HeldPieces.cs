namespace Starling.Apps.LogReport.Running;

/// <summary>What one worker process has of a run. Guarded by the queue.</summary>
internal sealed class HeldPieces
{
    /// <summary>Pieces that it has read; their counts are in its memory only.</summary>
    public List<FinishedPiece> Finished { get; } = [];

    /// <summary>Bytes of <see cref="Finished"/>.</summary>
    public long FinishedBytes { get; set; }

    /// <summary>The piece that it reads.</summary>
    public Assignment? Current { get; set; }
}
