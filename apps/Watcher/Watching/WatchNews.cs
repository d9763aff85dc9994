namespace Starling.Apps.Watcher.Watching;

/// <summary>What is to be told since the last time.</summary>
/// <param name="Events">What happened.</param>
/// <param name="Moves">For each visitor that moved: its number, then x and y of each position.</param>
/// <param name="Activity">Seconds that are over.</param>
internal sealed record WatchNews(IReadOnlyList<VisitEvent> Events, int[][] Moves, IReadOnlyList<Activity> Activity);
