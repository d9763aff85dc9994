using System.IO.Compression;
using System.Text;

namespace Starling.Supervisor.Logs;

/// <summary>Reads the last lines of a log without reading it whole.</summary>
public static class LogTail
{
    private const int Block = 64 << 10;

    /// <summary>The last lines of a file and, where it has fewer, of those put aside before it; oldest first.</summary>
    /// <param name="path">Path of the log file; it need not exist.</param>
    /// <param name="lines">Number of lines.</param>
    public static async Task<IReadOnlyList<string>> ReadAsync(string path, int lines)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var asideBefore = PutAsideFiles.Of(path);
        while (true)
        {
            var newestFirst = new List<string>();
            await AddAsync(path, lines, newestFirst);
            var aside = PutAsideFiles.Of(path);
            if (aside.LastOrDefault().Number != asideBefore.LastOrDefault().Number)
            {
                // Put aside while it was read: its lines would come twice.
                asideBefore = aside;
                continue;
            }

            for (var i = aside.Count - 1; i >= 0 && newestFirst.Count < lines; i--)
            {
                await AddAsync(aside[i].Path, lines - newestFirst.Count, newestFirst);
            }

            newestFirst.Reverse();
            return newestFirst;
        }
    }

    private static async Task AddAsync(string path, int lines, List<string> newestFirst)
    {
        try
        {
            newestFirst.AddRange(path.EndsWith(PutAsideFiles.Compressed, StringComparison.Ordinal)
                ? await CompressedAsync(path, lines)
                : await PlainAsync(path, lines));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed or compressed since it was listed.
            var compressed = path + PutAsideFiles.Compressed;
            if (File.Exists(compressed))
            {
                newestFirst.AddRange(await CompressedAsync(compressed, lines));
            }
        }
    }

    private static async Task<List<string>> PlainAsync(string path, int lines)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var found = new List<string>();
        var end = RandomAccess.GetLength(file);
        var block = new byte[Block];

        // Bytes of a line whose beginning is in an earlier block, last part first.
        var parts = new List<byte[]>();
        var isLast = true;
        while (end > 0 && found.Count < lines)
        {
            var start = Math.Max(0, end - Block);
            var read = await RandomAccess.ReadAsync(file, block.AsMemory(0, (int)(end - start)), start);
            if (read < end - start)
            {
                // Emptied while it was read.
                return found;
            }

            var rest = read;
            while (rest > 0 && found.Count < lines)
            {
                var newline = block.AsSpan(0, rest).LastIndexOf((byte)'\n');
                if (newline < 0)
                {
                    break;
                }

                if (!isLast || newline + 1 < rest || parts.Count > 0)
                {
                    found.Add(Text(block.AsSpan(newline + 1, rest - newline - 1), parts));
                }

                isLast = false;
                rest = newline;
            }

            if (rest > 0)
            {
                parts.Add(block[..rest]);
                isLast = false;
            }

            end = start;
        }

        if (end == 0 && found.Count < lines && !isLast)
        {
            found.Add(Text([], parts));
        }

        return found;
    }

    private static string Text(ReadOnlySpan<byte> start, List<byte[]> parts)
    {
        var line = new byte[start.Length + parts.Sum(part => part.Length)];
        start.CopyTo(line);
        var length = start.Length;
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            parts[i].CopyTo(line, length);
            length += parts[i].Length;
        }

        parts.Clear();
        return Encoding.UTF8.GetString(line);
    }

    private static async Task<List<string>> CompressedAsync(string path, int lines)
    {
        var last = new Queue<string>();
        var line = new StringBuilder();
        var block = new char[Block];
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        while (await reader.ReadAsync(block) is > 0 and var read)
        {
            for (var start = 0; start < read;)
            {
                var newline = block.AsSpan(start, read - start).IndexOf('\n');
                var end = newline < 0 ? read : start + newline;
                line.Append(block, start, end - start);
                start = end + 1;
                if (newline >= 0)
                {
                    last.Enqueue(line.ToString());
                    line.Clear();
                    _ = last.Count > lines ? last.Dequeue() : null;
                }
            }
        }

        return [.. last.Reverse()];
    }
}
