using Microsoft.Win32.SafeHandles;

namespace Starling.Apps.Cache.Storage;

/// <summary>
/// Keeps the folder of the entries for one main, so that a second is refused when it starts. The system ends it with the process, however that ends.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly SafeFileHandle _file;

    /// <exception cref="IOException">Another cache has it.</exception>
    public FolderLock(string folder)
    {
        try
        {
            _file = File.OpenHandle(Path.Combine(folder, "main.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"the folder {folder} cannot be used; another cache may use it, so stop that or choose another folder (--data): {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
