namespace Starling.Server.Channels.Http;

/// <summary>A subscriber's place among those that the hub may have. Its owner disposes of it, which gives the place back once.</summary>
/// <param name="release">Gives the place back.</param>
internal sealed class SubscriberPlace(Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>Makes the caller the owner. Disposing of this object does nothing afterwards.</summary>
    /// <returns>What the caller disposes of.</returns>
    public SubscriberPlace Transfer() => new(Interlocked.Exchange(ref _release, null) ?? (static () => { }));

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
