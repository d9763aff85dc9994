namespace Starling.Worker.Handing;

/// <summary>What the supervisor is told of the connections that it handed over.</summary>
/// <param name="Taken">How many have come since the start.</param>
/// <param name="Open">How many of them are open.</param>
/// <param name="Type">Tells this message from the application's.</param>
internal sealed record ConnectionReport(long Taken, int Open, string Type = "starling:connections");
