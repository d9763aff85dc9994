namespace Starling.Apps.Watcher.Watching;

/// <summary>The moves of one second.</summary>
/// <param name="Second">Which, in seconds since 1970.</param>
/// <param name="Total">Moves of all visitors.</param>
/// <param name="Workers">Moves by the number of the worker that took them.</param>
internal sealed record Activity(long Second, int Total, IReadOnlyDictionary<int, int> Workers);
