namespace Starling.Apps.Watcher.Watching;

/// <summary>All that the admin's page shows, at one moment.</summary>
/// <param name="Visitors">Who is here.</param>
/// <param name="Activity">The last minutes, oldest first.</param>
/// <param name="Events">The last events, oldest first.</param>
/// <param name="Unseen">How many visitors there are beyond those that are followed.</param>
internal sealed record WatchView(IReadOnlyList<VisitorView> Visitors, IReadOnlyList<Activity> Activity, IReadOnlyList<VisitEvent> Events, int Unseen);
