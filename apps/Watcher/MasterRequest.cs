namespace Starling.Apps.Watcher;

/// <summary>What the master asks of the workers when it does not know whom they speak of: all their visitors.</summary>
internal sealed record MasterRequest(string Wanted = MasterRequest.Present)
{
    public const string Present = "present";
}
