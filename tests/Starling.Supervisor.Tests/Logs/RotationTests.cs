using System.IO.Compression;
using System.Text;
using Starling.Server.Tests;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Tests.Logs;

public sealed class RotationTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task Files_put_aside_and_the_current_one_hold_together_what_was_written(int seed, bool compress)
    {
        await using var kit = new LogTestKit();
        var random = new Random(seed);
        var config = new LogConfig { MaxSize = random.Next(50, 3000), Keep = 10_000, Compress = compress, Merge = true };
        var written = new StringBuilder();
        for (var round = 0; round < 8; round++)
        {
            // A log that is closed and opened again in between goes on where it was.
            await using var log = kit.Open(config);
            for (var i = random.Next(1, 60); i > 0; i--)
            {
                var text = new StringBuilder();
                for (var lines = random.Next(1, 8); lines > 0; lines--)
                {
                    text.Append('a', random.Next(0, random.Next(20) == 0 ? 5000 : 120)).Append('\n');
                }

                written.Append(text);
                LogTestKit.Write(log, text.ToString());
                if (random.Next(3) == 0)
                {
                    await log.DrainAsync();
                }
            }
        }

        await kit.Store.DisposeAsync();
        var aside = PutAsideFiles.Of(kit.Folder.Combine("api-out.log"));
        Assert.NotEmpty(aside);
        var found = new StringBuilder();
        foreach (var (path, _) in aside)
        {
            var content = Content(path);
            Assert.Equal(compress, path.EndsWith(".gz", StringComparison.Ordinal));
            Assert.True(content.Length <= config.MaxSize || content.IndexOf('\n', StringComparison.Ordinal) == content.Length - 1, "a file is too large though it could have been put aside before");
            found.Append(content);
        }

        found.Append(kit.Read("api-out.log"));
        Assert.Equal(written.ToString(), found.ToString());
    }

    [Fact]
    public async Task A_file_that_was_replaced_from_outside_is_opened_again()
    {
        var time = new Starling.Server.Tests.ManualTime();
        await using var kit = new LogTestKit(time);
        await using var log = kit.Open();
        LogTestKit.Write(log, "first\n");
        await log.DrainAsync();

        // As logrotate does with "create".
        File.Move(kit.Folder.Combine("api-out.log"), kit.Folder.Combine("api-out.log.1"));
        await File.WriteAllTextAsync(kit.Folder.Combine("api-out.log"), "", TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(2));
        LogTestKit.Write(log, "second\n");
        await log.DrainAsync();
        Assert.Equal(("first\n", "second\n"), (kit.Read("api-out.log.1"), kit.Read("api-out.log")));
    }

    [Fact]
    public async Task A_tail_unpacks_neither_a_bomb_nor_an_endless_line()
    {
        using var folder = new ScratchFolder();
        folder.File("a.log", "last\n");
        await using (var bomb = new System.IO.Compression.GZipStream(File.Create(folder.Combine("a.log.20260101-000000.2.gz")), System.IO.Compression.CompressionLevel.Fastest))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 300; i++)
            {
                await bomb.WriteAsync(zeros, TestContext.Current.CancellationToken);
            }
        }

        await using (var line = File.Create(folder.Combine("a.log.20260101-000000.1")))
        {
            line.SetLength(1L << 31);
        }

        var lines = await LogTail.ReadAsync(folder.Combine("a.log"), 3);
        Assert.Equal(3, lines.Count);
        Assert.InRange(lines[0].Length, 1, 17 << 20);
        Assert.Contains("not unpacked", lines[1], StringComparison.Ordinal);
        Assert.Equal("last", lines[2]);
    }

    [Fact]
    public async Task Only_as_many_files_as_wanted_are_kept()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open(new LogConfig { MaxSize = 4, Keep = 2, Merge = true });
        LogTestKit.Write(log, "aaa\nbbb\nccc\nddd\neee\n");
        await kit.Store.DisposeAsync();
        Assert.Equal(["ccc\n", "ddd\n"], PutAsideFiles.Of(kit.Folder.Combine("api-out.log")).Select(file => Content(file.Path)));
        Assert.Equal("eee\n", kit.Read("api-out.log"));
    }

    [Fact]
    public async Task A_file_is_put_aside_when_it_is_old()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var kit = new LogTestKit(time);
        var log = kit.Open(new LogConfig { MaxAge = TimeSpan.FromHours(1), Merge = true });
        LogTestKit.Write(log, "a\n");
        await log.DrainAsync();
        time.Advance(TimeSpan.FromMinutes(59));
        LogTestKit.Write(log, "b\n");
        await log.DrainAsync();
        time.Advance(TimeSpan.FromMinutes(2));
        LogTestKit.Write(log, "c\n");
        await log.DrainAsync();
        Assert.Equal("a\nb\n", Content(Assert.Single(PutAsideFiles.Of(kit.Folder.Combine("api-out.log"))).Path));
        Assert.Equal("c\n", kit.Read("api-out.log"));
    }

    [Fact]
    public async Task Other_files_of_the_folder_are_left_alone()
    {
        await using var kit = new LogTestKit();
        var others = new[] { "api-out.log.bak", "api-out.log.1", "api-out.log.20260101-000000.x", "api-out.log.2026.1", "other.log.20260101-000000.1" };
        foreach (var other in others)
        {
            kit.Folder.File(other, "mine");
        }

        var log = kit.Open(new LogConfig { MaxSize = 4, Keep = 0, Merge = true });
        LogTestKit.Write(log, "aaa\nbbb\n");
        await log.EmptyAsync();
        await kit.Store.DisposeAsync();
        Assert.All(others, other => Assert.Equal("mine", kit.Read(other)));
        Assert.Equal(others.Length + 1, Directory.GetFiles(kit.Folder.Path).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_lines_are_read_across_files(bool compress)
    {
        await using var kit = new LogTestKit();
        var log = kit.Open(new LogConfig { MaxSize = 500, Keep = 100, Compress = compress, Merge = true });
        var lines = Enumerable.Range(0, 300).Select(i => i % 7 == 0 ? "" : $"line {i} é").ToArray();
        LogTestKit.Write(log, string.Join('\n', lines) + "\n");
        foreach (var count in new[] { 0, 1, 5, 42, 299, 300, 1000 })
        {
            Assert.Equal(lines.TakeLast(count), await log.TailAsync(LogStream.Out, count));
        }
    }

    [Fact]
    public async Task Long_lines_are_read_from_the_end()
    {
        using var folder = new ScratchFolder();
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            var lines = Enumerable.Range(0, random.Next(0, 12)).Select(i => new string((char)('a' + i), random.Next(2) == 0 ? random.Next(3) : random.Next(200_000))).ToArray();
            var path = folder.File($"{round}.log", string.Concat(lines.Select(line => line + "\n")));
            for (var count = 0; count <= lines.Length + 1; count++)
            {
                Assert.Equal(lines.TakeLast(count), await LogTail.ReadAsync(path, count));
            }
        }

        Assert.Equal(["a", "no end"], await LogTail.ReadAsync(folder.File("open.log", "a\nno end"), 5));
        Assert.Empty(await LogTail.ReadAsync(folder.Combine("missing.log"), 5));
    }

    private static string Content(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return File.ReadAllText(path);
        }

        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}
