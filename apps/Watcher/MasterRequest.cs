namespace Starling.Apps.Watcher;

/// <summary>What the master asks of the workers, when it has just started: all their visitors.</summary>
internal sealed record MasterRequest(string Wanted = MasterRequest.Present)
{
    public const string Present = "present";
}
