namespace Starling.Supervisor.Workers;

/// <summary>The right to change something, until it is given back.</summary>
internal readonly struct Turn(SemaphoreSlim semaphore) : IDisposable
{
    public void Dispose() => semaphore.Release();
}
