namespace Starling.Apps.Draw;

/// <summary>One change of a board, on its way to the disk and to the people at the board.</summary>
/// <param name="at">The number of the change.</param>
/// <param name="kept">Completes when the change is on the disk.</param>
/// <param name="previous">Completes when the change before it was told.</param>
internal sealed class BoardChange(long at, Task kept, Task previous)
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long At => at;

    /// <summary>Completes when people were told, or when the change failed.</summary>
    public Task Told => _told.Task;

    /// <summary>Tells people of the change once it is on the disk, after the changes before it.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The change could not be kept; people are not told.</exception>
    public async Task TellAsync(Func<ValueTask> tell)
    {
        try
        {
            await kept;
            await previous;
            await tell();
        }
        finally
        {
            _told.SetResult();
        }
    }
}
