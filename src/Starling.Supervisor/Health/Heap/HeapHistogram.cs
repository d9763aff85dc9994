namespace Starling.Supervisor.Health.Heap;

/// <summary>The objects on the heap of a .NET process by type, after a full collection.</summary>
/// <param name="Time">When it was taken.</param>
/// <param name="Types">Uses by the full name of the type.</param>
public sealed record HeapHistogram(DateTimeOffset Time, IReadOnlyDictionary<string, HeapTypeUse> Types);
