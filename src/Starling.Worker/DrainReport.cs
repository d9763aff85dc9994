namespace Starling.Worker;

/// <summary>What a worker says to its supervisor over the channel when its drain is over.</summary>
/// <param name="Finished">Connections that closed during the drain, or had nothing to do when they were closed.</param>
/// <param name="Cut">Connections that were closed in the middle of something.</param>
/// <param name="Type">Tells this message from the application's.</param>
public sealed record DrainReport(int Finished, int Cut, string Type = "starling:drain");
