using System.Diagnostics;
using System.Runtime.CompilerServices;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Tests.Logs;

public sealed class KilledWriterTests
{
    private const string FolderVariable = "STARLING_TEST_LOG_WRITER";

    [Fact]
    public async Task The_end_of_the_writer_by_force_leaves_whole_lines()
    {
        await using var kit = new LogTestKit();
        var expected = 0;
        for (var round = 0; round < 3; round++)
        {
            var before = expected;
            using var writer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!) { Environment = { [FolderVariable] = kit.Folder.Path + "|" + expected }, RedirectStandardOutput = true })!;
            var path = kit.Folder.Combine("api-out.log");
            await LogTestKit.UntilAsync(() => writer.HasExited || (File.Exists(path) && LastNumber(path) > before + 20_000), "writing");
            Assert.False(writer.HasExited);
            writer.Kill();
            await writer.WaitForExitAsync(TestContext.Current.CancellationToken);
            expected = LastNumber(path) + 1;
        }

        var log = kit.Open(new LogConfig { MaxSize = 1 << 20, Keep = 1000, Merge = true });
        LogTestKit.Write(log, "the next one\n");
        var lines = await log.TailAsync(LogStream.Out, int.MaxValue);
        Assert.Equal("the next one", lines[^1]);
        var torn = lines.Take(lines.Count - 1).Count(line => !IsWhole(line));
        Assert.InRange(torn, 0, 3);
        var numbers = lines.Where(IsWhole).Select(line => int.Parse(line.AsSpan(0, line.IndexOf(' ')), provider: null)).ToArray();
        Assert.Equal(numbers.Distinct().Order(), numbers);
        Assert.Equal(expected, numbers.Length);
    }

    // A process of its own that writes until it is killed: this very program, started with a variable that says so.
    [ModuleInitializer]
    internal static void WriteUntilKilled()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable)?.Split('|') is not [var folder, var first])
        {
            return;
        }

        var store = new LogStore(TimeProvider.System);
        var log = store.Open(new AppConfig { Name = "api", Script = "/a", Cwd = "/", Log = new LogConfig { MaxSize = 1 << 20, Keep = 1000, Merge = true } }, 0, 0, folder);
        var deadline = Environment.TickCount64 + 120_000;
        for (var i = int.Parse(first, provider: null); Environment.TickCount64 < deadline; i++)
        {
            LogTestKit.Write(log, $"{i} {new string('x', i % 90)}.\n");
            log.RoomAsync(LogStream.Out).AsTask().Wait();
        }

        Environment.Exit(1);
    }

    private static bool IsWhole(string line) =>
        line.IndexOf(' ') is > 0 and var space && int.TryParse(line.AsSpan(0, space), out var number) && line == $"{number} {new string('x', number % 90)}.";

    private static int LastNumber(string path) =>
        LogTail.ReadAsync(path, 3).Result.LastOrDefault(IsWhole) is { } line ? int.Parse(line.AsSpan(0, line.IndexOf(' ')), provider: null) : 0;
}
