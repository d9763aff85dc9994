namespace Starling.TraceReplay;

/// <summary>The replay cannot go on; the message says why.</summary>
internal sealed class TraceException(string message) : Exception(message);
