namespace Starling.LoadGenerator;

/// <summary>The run is void: the server misbehaved, a delivery was lost or doubled, or this machine cannot do what was asked.</summary>
internal sealed class LoadException(string message) : Exception(message);
