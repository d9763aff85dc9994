namespace Starling.Apps.LogReport.Running;

/// <summary>A run cannot go on; the message says why.</summary>
internal sealed class RunException(string message) : Exception(message);
