namespace Starling.Apps.Exchange.Client.Model;

/// <summary>How the connection and the feed are.</summary>
/// <param name="Link">The connection for orders.</param>
/// <param name="Problem">What is wrong with it, or null.</param>
/// <param name="Feed">The feed, as words.</param>
/// <param name="IsStale">Whether what is shown may be old.</param>
/// <param name="Recovered">How many messages of the feed the network lost and were fetched.</param>
/// <param name="Lost">How many are lost for good.</param>
internal sealed record ClientStatus(LinkState Link, string? Problem, string Feed, bool IsStale, long Recovered, long Lost);
