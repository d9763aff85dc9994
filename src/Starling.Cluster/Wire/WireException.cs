namespace Starling.Cluster.Wire;

/// <summary>Another node sent what cannot be; its link ends.</summary>
internal sealed class WireException(string message) : Exception(message);
