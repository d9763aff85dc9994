namespace Starling.Supervisor.Health;

/// <summary>Files changed, and then nothing more for the watcher's delay.</summary>
/// <param name="Path">Absolute path of the first that changed; null when too many changed to name them.</param>
/// <param name="Count">Number of different paths that changed; 0 when too many.</param>
public sealed record FileChange(string? Path, int Count)
{
    /// <summary>The change in words.</summary>
    public override string ToString() => Path is null ? "many files changed" : Count == 1 ? $"{Path} changed" : $"{Path} and {Count - 1} more changed";
}
