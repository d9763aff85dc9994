namespace Starling.Documents.Submission;

/// <summary>Counts the bytes of the documents in memory, and has room made when there are too many. Thread-safe.</summary>
internal sealed class DocumentMemory(long limit)
{
    // A document that is being loaded is counted when it is there, so only few are loaded at the same time.
    private const int MaxLoads = 4;

    private readonly SemaphoreSlim _loads = new(MaxLoads);
    private long _bytes;

    /// <summary>Called when the documents in memory have more bytes than they may. Must be quick.</summary>
    public Action? Exceeded { get; set; }

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How many bytes have to leave memory so that some time passes until room has to be made again; 0 below the limit.</summary>
    public long Excess => Bytes is var bytes && bytes > limit ? bytes - limit + (limit / 8) : 0;

    public void Change(long difference)
    {
        if (difference != 0 && Interlocked.Add(ref _bytes, difference) > limit && difference > 0)
        {
            Exceeded?.Invoke();
        }
    }

    public Task EnterLoadAsync() => _loads.WaitAsync();

    public void LeaveLoad() => _loads.Release();
}
