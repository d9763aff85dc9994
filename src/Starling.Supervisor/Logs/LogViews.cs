using System.Runtime.CompilerServices;
using Starling.Supervisor.Workers;

namespace Starling.Supervisor.Logs;

/// <summary>Logs of several workers, as they are asked for.</summary>
internal static class LogViews
{
    /// <summary>The last lines of each output, as they stand in the files, oldest first. Workers that share a file are shown once.</summary>
    public static async Task<IReadOnlyList<LogLine>> TailAsync(IEnumerable<Worker> workers, SupervisorFolder folder, LogStore store, int count)
    {
        await store.DrainAsync();
        var lines = new List<LogLine>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var worker in workers)
        {
            var paths = LogPaths.Of(worker.Group.Config, worker.Id, folder.Logs);
            foreach (var (path, stream) in ((string?, LogStream)[])[(paths.Out, LogStream.Out), (paths.Error, LogStream.Error)])
            {
                if (path is not null && seen.Add(path))
                {
                    lines.AddRange((await ReadAsync(path, count, FileOwner.Of(worker.Group.Config, path)))
                        .Select(text => new LogLine(worker.Group.Config.Name, worker.Id, worker.Instance, null, stream, null, text)));
                }
            }
        }

        return lines;
    }

    /// <summary>A file that cannot be read does not hide the others.</summary>
    private static async Task<IReadOnlyList<string>> ReadAsync(string path, int count, FileOwner owner)
    {
        try
        {
            return await LogTail.ReadAsync(path, count, owner);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [$"({path} cannot be read: {exception.Message})"];
        }
    }

    /// <summary>Lines of the workers that the filter lets pass, as they come.</summary>
    public static async IAsyncEnumerable<LogLine> FollowAsync(LogStore store, Func<LogLine, bool> filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var follower = store.Follow(filter);
        await foreach (var line in follower.Lines.ReadAllAsync(cancellationToken))
        {
            yield return line;
        }
    }
}
