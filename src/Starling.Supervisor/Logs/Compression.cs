using System.IO.Compression;

namespace Starling.Supervisor.Logs;

/// <summary>Compresses files that were put aside and removes those that are too many, one after the other, beside the writing.</summary>
internal sealed class Compression
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Completed when all that was asked for so far is done.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    public void Tidy(string logFile, FileOwner owner, int keep, bool compress)
    {
        lock (_gate)
        {
            _last = _last.ContinueWith(_ => Run(logFile, owner, keep, compress), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private static void Run(string logFile, FileOwner owner, int keep, bool compress)
    {
        using var scope = owner.Enter();
        try
        {
            var files = PutAsideFiles.Of(logFile);
            foreach (var (path, _) in files.Take(Math.Max(0, files.Count - keep)))
            {
                File.Delete(path);
            }

            foreach (var (path, _) in compress ? PutAsideFiles.Of(logFile) : [])
            {
                if (!path.EndsWith(PutAsideFiles.Compressed, StringComparison.Ordinal))
                {
                    Compress(path, owner);
                }
            }
        }
        catch (Exception)
        {
            // A full disk or a folder that may not be written: the files stay as they are, and the next rotation tries again.
        }
    }

    private static void Compress(string path, FileOwner owner)
    {
        var temporary = path + ".tmp";
        try
        {
            // What lies there is not trusted in a folder of another user.
            File.Delete(temporary);
            using (var source = new FileStream(owner.OpenToRead(path), FileAccess.Read))
            using (var target = new FileStream(owner.OpenToWrite(temporary), FileAccess.Write))
            using (var compressed = new GZipStream(target, CompressionLevel.Optimal))
            {
                source.CopyTo(compressed);
            }

            File.Move(temporary, path + PutAsideFiles.Compressed, overwrite: true);
            File.Delete(path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
