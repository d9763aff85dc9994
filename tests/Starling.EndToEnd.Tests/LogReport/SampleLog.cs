using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Starling.EndToEnd.Tests.LogReport;

/// <summary>A log of which is known what it says, because whoever writes it counts. Deleted with the test.</summary>
internal sealed class SampleLog : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("starling-sample-log-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "access.log");

    public long Lines { get; private set; }

    public long Hits { get; private set; }

    public long Bad { get; private set; }

    public long Bytes { get; private set; }

    public Dictionary<string, long> Paths { get; } = [];

    public Dictionary<string, long> Clients { get; } = [];

    public Dictionary<string, long> Statuses { get; } = [];

    public Dictionary<string, long> Minutes { get; } = [];

    /// <summary>Writes a log of the format timed, and the same again some times.</summary>
    public static SampleLog Write(int lines, int times = 1)
    {
        var log = new SampleLog();
        var block = Encoding.ASCII.GetBytes(log.Block(lines, times));
        using var file = File.Create(log.Path);
        for (var i = 0; i < times; i++)
        {
            file.Write(block);
        }

        return log;
    }

    /// <summary>The same log compressed, in several members.</summary>
    public string Compress()
    {
        var path = System.IO.Path.Combine(_folder.FullName, "rotated.1");
        using var output = File.Create(path);
        foreach (var part in File.ReadAllBytes(Path).Chunk(1_000_003))
        {
            using var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
            gzip.Write(part);
        }

        return path;
    }

    /// <summary>Another file in the folder.</summary>
    public string Add(string name, byte[] content)
    {
        var path = System.IO.Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Block(int lines, int times)
    {
        string[] statuses = ["200", "200", "200", "304", "404", "500"];
        var random = new Random(7);
        var text = new StringBuilder();
        for (var i = 0; i < lines; i++)
        {
            Lines += times;
            if (i % 1000 == 500)
            {
                Bad += times;
                text.Append("this is no line of an access log\n");
                continue;
            }

            var client = $"10.0.{random.Next(20)}.{(int)(random.NextDouble() * random.NextDouble() * 250)}";
            var path = $"/articles/{(int)(random.NextDouble() * random.NextDouble() * 3000)}";
            var status = statuses[random.Next(statuses.Length)];
            var bytes = random.Next(100_000);
            var time = new DateTime(2025, 10, 10, 8, 0, 0, DateTimeKind.Utc).AddMilliseconds(i * 20L);
            Hits += times;
            Bytes += (long)bytes * times;
            Count(Clients, client, times);
            Count(Paths, path, times);
            Count(Statuses, status, times);
            Count(Minutes, time.ToString("yyyy-MM-ddTHH:mm'Z'", CultureInfo.InvariantCulture), times);
            text.Append(
                CultureInfo.InvariantCulture,
                $"{client} - - [{time:dd/MMM/yyyy:HH:mm:ss} +0000] \"GET {path}?page={i % 9} HTTP/1.1\" {status} {bytes} \"https://example.com/\" \"Mozilla/5.0 (X11; Linux x86_64)\" 0.{random.Next(1000):000}\n");
        }

        return text.ToString();
    }

    private static void Count(Dictionary<string, long> counts, string key, int times) => counts[key] = counts.GetValueOrDefault(key) + times;
}
