namespace Starling.Apps.Watcher;

/// <summary>A visitor's connection to a worker.</summary>
/// <param name="Connection">Number of the connection within its worker.</param>
/// <param name="Visitor">Which visitor: the same after a reconnect.</param>
internal sealed record Visit(int Connection, string Visitor);
