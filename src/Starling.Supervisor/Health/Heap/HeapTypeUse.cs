namespace Starling.Supervisor.Health.Heap;

/// <summary>Objects of one type on a heap.</summary>
/// <param name="Count">Number of objects.</param>
/// <param name="Bytes">What they take, without what they refer to.</param>
public readonly record struct HeapTypeUse(long Count, long Bytes);
