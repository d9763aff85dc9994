namespace Starling.Apps.Cache.Routing;

/// <summary>How a service is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it does.</param>
/// <param name="State">ready, starting or away.</param>
/// <param name="Runs">What it is: a thread or a process.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="UnderWay">Calls under way there.</param>
/// <param name="Waiting">Commands that wait for one of its role.</param>
internal sealed record ServiceState(string Name, string Role, string State, string Runs, int Restarts, int UnderWay, int Waiting);
