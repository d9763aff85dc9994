using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;

namespace Starling.Guides.Tests.FromNode;

public sealed class StreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pipeline_with_a_transform()
    {
        using var source = new MemoryStream(Encoding.ASCII.GetBytes(new string('x', 100_000)));
        using var target = new MemoryStream();
        // begin pipeline
        await using (var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            await source.CopyToAsync(gzip, Stop);                 // pipeline(source, createGzip(), target): one chunk at a time
        }
        // end
        Assert.InRange(target.Length, 1, 1000);
    }

    // begin transform
    private static async IAsyncEnumerable<string> LoudAsync(IAsyncEnumerable<string> lines)   // new Transform({ transform(line, …) { … } })
    {
        await foreach (var line in lines)
        {
            yield return line.ToUpperInvariant();
        }
    }
    // end

    [Fact]
    public async Task Transforms_of_objects()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllLinesAsync(path, ["one", "three"], Stop);
        await using var target = new StringWriter();
        // begin compose
        var lines = File.ReadLinesAsync(path, Stop);                                          // readline.createInterface({ input }), for files
        var loud = LoudAsync(lines).Where(line => line.Length > 3).Take(10);                  // compose, filter, take: pulled, so never too much
        await foreach (var line in loud.WithCancellation(Stop))                               // { signal }
        {
            await target.WriteLineAsync(line);
        }
        // end
        Assert.Equal("THREE\n", target.ToString());
        File.Delete(path);
    }

    [Fact]
    public async Task Back_pressure_in_bytes()
    {
        // begin pipe
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));   // highWaterMark

        var writing = Task.Run(async () =>
        {
            for (var line = 0; line < 10_000; line++)
            {
                await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes($"line {line}\n"), Stop);                     // waits like 'drain'
            }

            await pipe.Writer.CompleteAsync();
        });

        var lines = 0;
        while (true)
        {
            var read = await pipe.Reader.ReadAsync(Stop);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                lines++;                                                                                           // rest.Slice(0, end) is the line
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            pipe.Reader.AdvanceTo(rest.Start, rest.End);                                                           // keeps what is not a whole line
            if (read.IsCompleted)
            {
                break;
            }
        }
        // end
        await writing;
        Assert.Equal(10_000, lines);
    }
}
