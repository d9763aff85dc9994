namespace Starling.Supervisor.Control;

/// <summary>A file that one process holds locked for as long as it lives, however it ends.</summary>
internal static class FolderLock
{
    private const int Attempts = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes it; null when another process has it.</summary>
    public static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Takes it from one who only looked whether it is held, which takes a moment; null when another process keeps it.</summary>
    public static async Task<FileStream?> TakeAsync(string path, TimeProvider time)
    {
        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            if (TryTake(path) is { } held)
            {
                return held;
            }

            await Task.Delay(Pause, time);
        }

        return TryTake(path);
    }

    public static bool IsHeld(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var held = TryTake(path);
        return held is null;
    }
}
