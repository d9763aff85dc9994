using System.IO.Compression;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Starling.Supervisor.Logs;

/// <summary>Reads the last lines of a log without reading it whole.</summary>
public static class LogTail
{
    private const int Block = 64 << 10;

    /// <summary>Bytes that are read, or kept of a compressed file, at most: enough for the longest tail, and no more than the memory bears.</summary>
    private const int MostBytes = 16 << 20;

    /// <summary>Bytes that a compressed file is unpacked to at most. The last lines are at its end, so what is larger has to be read by other means.</summary>
    private const long MostUnpacked = 256L << 20;

    /// <summary>The last lines of a file and, where it has fewer, of those put aside before it; oldest first.</summary>
    /// <param name="path">Path of the log file; it need not exist.</param>
    /// <param name="lines">Number of lines.</param>
    public static Task<IReadOnlyList<string>> ReadAsync(string path, int lines) => ReadAsync(path, lines, FileOwner.Self);

    internal static async Task<IReadOnlyList<string>> ReadAsync(string path, int lines, FileOwner owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var asideBefore = PutAsideFiles.Of(path);
        while (true)
        {
            var newestFirst = new List<string>();
            await AddAsync(path, lines, owner, newestFirst);
            var aside = PutAsideFiles.Of(path);
            if (aside.LastOrDefault().Number != asideBefore.LastOrDefault().Number)
            {
                // Put aside while it was read: its lines would come twice.
                asideBefore = aside;
                continue;
            }

            for (var i = aside.Count - 1; i >= 0 && newestFirst.Count < lines && newestFirst.Sum(line => (long)line.Length) < MostBytes; i--)
            {
                await AddAsync(aside[i].Path, lines - newestFirst.Count, owner, newestFirst);
            }

            newestFirst.Reverse();
            return newestFirst;
        }
    }

    private static async Task AddAsync(string path, int lines, FileOwner owner, List<string> newestFirst)
    {
        try
        {
            newestFirst.AddRange(path.EndsWith(PutAsideFiles.Compressed, StringComparison.Ordinal)
                ? await CompressedAsync(path, lines, owner)
                : await PlainAsync(path, lines, owner));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Removed or compressed since it was listed.
            var compressed = path + PutAsideFiles.Compressed;
            if (File.Exists(compressed))
            {
                newestFirst.AddRange(await CompressedAsync(compressed, lines, owner));
            }
        }
    }

    private static async Task<List<string>> PlainAsync(string path, int lines, FileOwner owner)
    {
        using var file = Open(path, owner);
        var found = new List<string>();
        var end = RandomAccess.GetLength(file);
        var block = new byte[Block];

        // Bytes of a line whose beginning is in an earlier block, last part first.
        var parts = new List<byte[]>();
        var isLast = true;
        var budget = MostBytes;
        while (end > 0 && found.Count < lines && budget > 0)
        {
            var start = Math.Max(0, end - Block);
            var read = await RandomAccess.ReadAsync(file, block.AsMemory(0, (int)(end - start)), start);
            if (read < end - start)
            {
                // Emptied while it was read.
                return found;
            }

            budget -= read;
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

        if ((end == 0 || parts.Count > 0) && found.Count < lines && !isLast)
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

    private static SafeFileHandle Open(string path, FileOwner owner)
    {
        using var scope = owner.Enter();
        return owner.OpenToRead(path);
    }

    private static async Task<List<string>> CompressedAsync(string path, int lines, FileOwner owner)
    {
        var last = new Queue<byte[]>();
        var buffer = new LineBuffer();
        var block = new byte[Block];
        var (unpacked, kept) = (0L, 0L);
        await using var file = new FileStream(Open(path, owner), FileAccess.Read);
        await using var text = new GZipStream(file, CompressionMode.Decompress);
        while (await text.ReadAsync(block) is > 0 and var read)
        {
            unpacked += read;
            if (unpacked > MostUnpacked)
            {
                return [$"({path} is more than {MostUnpacked >> 20} MB long and is not unpacked here; read it by zcat.)"];
            }

            Take(block.AsSpan(0, read));
        }

        if (buffer.TryTakeRest(out var rest))
        {
            Keep(rest);
        }

        buffer.Clear();
        return [.. last.Reverse().Select(Encoding.UTF8.GetString)];

        void Take(ReadOnlySpan<byte> bytes)
        {
            while (buffer.TryTake(ref bytes, out var line))
            {
                Keep(line);
            }
        }

        void Keep(ReadOnlySpan<byte> line)
        {
            last.Enqueue(line.ToArray());
            kept += line.Length;
            while (last.Count > lines || (kept > MostBytes && last.Count > 1))
            {
                kept -= last.Dequeue().Length;
            }
        }
    }
}
