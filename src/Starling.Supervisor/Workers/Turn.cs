namespace Starling.Supervisor.Workers;

/// <summary>The right to change something, until it is given back.</summary>
internal readonly struct Turn(SemaphoreSlim semaphore) : IDisposable
{
    /// <summary>Waits for it.</summary>
    public static async Task<Turn> EnterAsync(SemaphoreSlim semaphore, CancellationToken cancellationToken)
    {
        await semaphore.WaitAsync(cancellationToken);
        return new Turn(semaphore);
    }

    public void Dispose() => semaphore.Release();
}
