namespace Starling.Supervisor.Health.Heap;

/// <summary>The heap of a process could not be looked at; the message says why.</summary>
public sealed class HeapSnapshotException(string message, Exception? inner = null) : Exception(message, inner);
