namespace Starling.Supervisor.Health.Heap;

/// <summary>How a type's use of a heap changed.</summary>
/// <param name="Type">Full name of the type.</param>
/// <param name="Before">Its use at the earlier time.</param>
/// <param name="After">Its use at the later time.</param>
public sealed record HeapGrowth(string Type, HeapTypeUse Before, HeapTypeUse After)
{
    /// <summary>Objects more.</summary>
    public long Count => After.Count - Before.Count;

    /// <summary>Bytes more.</summary>
    public long Bytes => After.Bytes - Before.Bytes;
}
