using System.Text;
using System.Text.Json;
using Starling.Server.Tests;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Tests.Logs;

public sealed class WorkerLogTests
{
    [Fact]
    public async Task Output_is_written_to_a_file_for_each_stream()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        LogTestKit.Write(log, "one\ntw");
        LogTestKit.Write(log, "oops\n", LogStream.Error);
        LogTestKit.Write(log, "o\n");
        await log.DrainAsync();
        Assert.Equal("one\ntwo\n", kit.Read("api-out.log"));
        Assert.Equal("oops\n", kit.Read("api-error.log"));
        Assert.False(File.Exists(kit.Folder.Combine("api.log")));
    }

    [Fact]
    public async Task A_last_line_without_an_end_is_written_when_the_output_ends()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        LogTestKit.Write(log, "a\nlast words");
        await log.DrainAsync();
        Assert.Equal("a\n", kit.Read("api-out.log"));
        log.End(LogStream.Out);
        await log.DrainAsync();
        Assert.Equal("a\nlast words\n", kit.Read("api-out.log"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fetching\nThe folder is in use.\n", "The folder is in use.")]
    [InlineData("Unhandled exception. System.Exception: boom\n   at Program.Main()\n", "Unhandled exception. System.Exception: boom")]
    [InlineData("/app.js:1\nthrow new Error('boom')\n^\n\nError: boom\n    at Object.<anonymous>\n\nNode.js v20.1.0\n", "Error: boom")]
    [InlineData("Error: bind EINVAL\n    at emit\nEmitted 'error' event on Server instance at:\n    at rr {\n  errno: -22\n}\n\nNode.js v20.1.0\n", "Error: bind EINVAL")]
    [InlineData("Traceback (most recent call last):\n  File \"a.py\", line 1\nValueError: boom\n", "ValueError: boom")]
    [InlineData("b\u001b]0;title\u0007\u001b[31mad\r\n", "b]0;title[31mad")]
    public async Task What_was_said_last_is_known(string written, string? last = null)
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        LogTestKit.Write(log, "of the other output\n");
        LogTestKit.Write(log, written, LogStream.Error);
        Assert.Equal(last, log.LastError);
    }

    [Fact]
    public async Task Both_outputs_can_go_to_one_file_as_well()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open(new LogConfig { Combined = true, Merge = true });
        LogTestKit.Write(log, "a\n");
        LogTestKit.Write(log, "b\n", LogStream.Error);
        await log.DrainAsync();
        Assert.Equal("a\nb\n", kit.Read("api.log"));
        Assert.Equal("b\n", kit.Read("api-error.log"));
    }

    [Fact]
    public async Task Files_that_are_not_merged_have_the_number_of_the_process()
    {
        await using var kit = new LogTestKit();
        await using var log = kit.Open(new LogConfig { Merge = false }, "my app", 3);
        LogTestKit.Write(log, "x\n");
        await log.DrainAsync();
        Assert.Equal("x\n", kit.Read("my-app-out-13.log"));
    }

    [Fact]
    public async Task Nothing_is_written_where_no_file_is_wanted()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open(new LogConfig { OutFile = LogConfig.NoFile, Merge = true });
        var silent = kit.Open(new LogConfig { Disabled = true }, "silent");
        LogTestKit.Write(log, "x\n");
        LogTestKit.Write(silent, "x\n");
        await kit.Store.DrainAsync();
        Assert.Empty(Directory.GetFiles(kit.Folder.Path));
        Assert.Empty(await silent.TailAsync(LogStream.Out, 5));
    }

    [Fact]
    public async Task Lines_get_the_time()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero));
        await using var kit = new LogTestKit(time);
        var log = kit.Open(new LogConfig { DateFormat = "YYYY-MM-DD HH:mm:ss.SSS Z", Merge = true });
        LogTestKit.Write(log, "hello\nworld\n");
        await log.DrainAsync();
        Assert.Equal("2026-03-04 05:06:07.089 +00:00: hello\n2026-03-04 05:06:07.089 +00:00: world\n", kit.Read("api-out.log"));
    }

    [Fact]
    public async Task Lines_can_be_JSON_whatever_bytes_they_hold()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
        await using var kit = new LogTestKit(time);
        var log = kit.Open(new LogConfig { Json = true, Merge = true }, "a\"b");
        log.Write(LogStream.Error, [.. "say \"hi\"\\ \t\u0001 é€😀 "u8, 0xFF, 0xC3, (byte)'\n']);
        await log.DrainAsync();
        using var json = JsonDocument.Parse(kit.Read("a-b-error.log"));
        Assert.Equal("say \"hi\"\\ \t\u0001 é€😀 \uFFFD\uFFFD", json.RootElement.GetProperty("message").GetString());
        Assert.Equal("2026-03-04T05:06:07.000Z", json.RootElement.GetProperty("timestamp").GetString());
        Assert.Equal("err", json.RootElement.GetProperty("type").GetString());
        Assert.Equal(10, json.RootElement.GetProperty("process_id").GetInt32());
        Assert.Equal("a\"b", json.RootElement.GetProperty("app_name").GetString());
    }

    [Fact]
    public async Task Lines_of_many_processes_in_one_file_are_never_mixed()
    {
        await using var kit = new LogTestKit();
        const int Processes = 6;
        const int Lines = 3_000;
        var writers = Enumerable.Range(0, Processes).SelectMany(process => new[] { LogStream.Out, LogStream.Error }.Select(stream => (process, stream)))
            .GroupBy(pair => pair.process)
            .SelectMany(group =>
            {
                var log = kit.Open(new LogConfig { OutFile = kit.Folder.Combine("all.log"), ErrorFile = kit.Folder.Combine("all.log"), Merge = true, MaxSize = 0 }, "app", group.Key);
                return group.Select(pair => WriteManyAsync(log, pair.stream, pair.process));
            })
            .ToArray();
        await Task.WhenAll(writers).WaitAsync(LogTestKit.Limit, TestContext.Current.CancellationToken);
        await kit.Store.DrainAsync();
        var seen = new Dictionary<string, int>();
        foreach (var line in File.ReadLines(kit.Folder.Combine("all.log")))
        {
            var parts = line.Split(' ');
            Assert.Equal(3, parts.Length);
            Assert.Equal(new string('x', parts[2].Length), parts[2]);
            var next = seen.GetValueOrDefault(parts[0]);
            Assert.Equal(next, int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
            seen[parts[0]] = next + 1;
        }

        Assert.Equal(Processes * 2, seen.Count);
        Assert.All(seen.Values, count => Assert.Equal(Lines, count));

        static async Task WriteManyAsync(WorkerLog log, LogStream stream, int process)
        {
            await Task.Yield();
            var random = new Random(process);
            for (var i = 0; i < Lines; i++)
            {
                var line = Encoding.UTF8.GetBytes($"{process}{stream} {i} {new string('x', random.Next(1, 200))}\n");
                var cut = random.Next(line.Length);
                log.Write(stream, line.AsSpan(0, cut));
                log.Write(stream, line.AsSpan(cut));
                await log.RoomAsync(stream);
            }
        }
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_cut_between_characters()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        var text = new string('€', 100_000);
        LogTestKit.Write(log, text + "\nnext\n");
        await log.DrainAsync();
        var lines = kit.Read("api-out.log").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("next", lines[^1]);
        Assert.Equal(text, string.Concat(lines[..^1]));
        Assert.All(lines, line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 1, 64 << 10));
    }

    [Fact]
    public async Task Files_are_opened_anew_after_they_were_renamed()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        LogTestKit.Write(log, "a\n");
        await log.DrainAsync();
        File.Move(kit.Folder.Combine("api-out.log"), kit.Folder.Combine("old"));
        await log.ReopenAsync();
        LogTestKit.Write(log, "b\n");
        await log.DrainAsync();
        Assert.Equal("a\n", kit.Read("old"));
        Assert.Equal("b\n", kit.Read("api-out.log"));
    }

    [Fact]
    public async Task A_file_cut_short_from_outside_goes_on_from_its_beginning()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open();
        LogTestKit.Write(log, "a long line\n");
        await log.DrainAsync();
        await using (var file = File.Open(kit.Folder.Combine("api-out.log"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(0);
        }

        LogTestKit.Write(log, "b\n");
        await log.DrainAsync();
        Assert.Equal("b\n", kit.Read("api-out.log"));
    }

    [Fact]
    public async Task A_removed_file_is_made_again()
    {
        var time = new ManualTime();
        await using var kit = new LogTestKit(time);
        var log = kit.Open();
        LogTestKit.Write(log, "a\n");
        await log.DrainAsync();
        File.Delete(kit.Folder.Combine("api-out.log"));
        time.Advance(TimeSpan.FromSeconds(2));
        LogTestKit.Write(log, "b\n");
        await log.DrainAsync();
        Assert.Equal("b\n", kit.Read("api-out.log"));
    }

    [Fact]
    public async Task Emptying_removes_what_is_there_and_put_aside()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open(new LogConfig { MaxSize = 10, Merge = true });
        LogTestKit.Write(log, "aaaaaaaa\nbbbbbbbb\ncccc\n");
        await log.DrainAsync();
        Assert.Equal(3, Directory.GetFiles(kit.Folder.Path).Length);
        await log.EmptyAsync();
        Assert.Equal("", kit.Read("api-out.log"));
        Assert.Single(Directory.GetFiles(kit.Folder.Path));
        LogTestKit.Write(log, "d\n");
        await log.DrainAsync();
        Assert.Equal("d\n", kit.Read("api-out.log"));
    }

    [Fact]
    public async Task Writing_does_not_allocate_for_each_line()
    {
        await using var kit = new LogTestKit();
        var log = kit.Open(new LogConfig { DateFormat = "YYYY-MM-DD HH:mm:ss", Merge = true, MaxSize = 0 });
        var chunk = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a line of usual length that a server writes for a request\n", 100)));
        log.Write(LogStream.Out, chunk);
        await log.DrainAsync();

        // An object for each line would be 24 bytes at least; buffers grow to their bound once.
        const int Chunks = 4000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Chunks; i++)
        {
            log.Write(LogStream.Out, chunk);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Chunks * 100 * 16);
    }
}
