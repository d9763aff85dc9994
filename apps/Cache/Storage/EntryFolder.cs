using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Starling.Apps.Cache.Diagnostics;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Storage;

/// <summary>The files of the entries. Others in their folder are left alone. Used under the lock of <see cref="EntryStore"/>.</summary>
internal sealed class EntryFolder(string path, ILogger logger)
{
    /// <summary>The entries by number. What a killed process, or the loss of power, left in part is deleted.</summary>
    public IEnumerable<Entry> Load()
    {
        string[] files = [.. Directory.GetFiles(path, "*" + EntryFile.DraftExtension), .. Directory.GetFiles(path, "*" + EntryFile.Extension)];
        foreach (var file in files.Where(EntryFile.IsOwn).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(EntryFile.Extension, StringComparison.Ordinal) && EntryFile.Read(file) is { } entry)
            {
                yield return entry;
            }
            else
            {
                File.Delete(file);
            }
        }

        var foreign = Array.FindAll(files, file => !EntryFile.IsOwn(file));
        if (foreign.Length > 0)
        {
            CacheLog.ForeignFiles(logger, foreign.Length, path, Path.GetFileName(foreign[0]));
        }
    }

    /// <summary>Opens the body of an entry.</summary>
    /// <exception cref="InvalidDataException">It is gone or damaged, and will not come back.</exception>
    /// <exception cref="CacheException">It cannot be read at the moment.</exception>
    public SafeFileHandle Open(Entry entry)
    {
        try
        {
            var file = File.OpenHandle(
                EntryFile.PathOf(path, entry.Number), share: FileShare.Read | FileShare.Delete, options: FileOptions.Asynchronous);
            if (RandomAccess.GetLength(file) is var length && length >= entry.Size)
            {
                return file;
            }

            file.Dispose();
            throw new InvalidDataException($"it has {length} bytes, and the body {entry.Size}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(e.Message, e);
        }
        catch (IOException e)
        {
            throw new CacheException(CacheError.StorageFailed, $"The file of entry {entry.Number} cannot be read: {e.Message}", e);
        }
    }

    public void Delete(Entry entry)
    {
        var file = EntryFile.PathOf(path, entry.Number);
        try
        {
            File.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody deleted the whole folder, and the file with it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody gets the entry any more; whoever looks after the folder must know that its bytes are still there.
            CacheLog.FileStays(logger, e, file);
        }
    }
}
