namespace Starling.Server.Sockets.Recovery;

/// <summary>Counts the lost sockets of all namespaces of a server. Thread-safe.</summary>
internal sealed class LostSocketLimit(int max)
{
    private int _count;

    public bool IsExceeded => Volatile.Read(ref _count) > max;

    public void Add() => Interlocked.Increment(ref _count);

    public void Remove(int count) => Interlocked.Add(ref _count, -count);
}
