using System.Diagnostics;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Logs;

namespace Starling.Supervisor.Tests.Logs;

public sealed class FullDiskTests
{
    [Fact]
    public async Task A_file_that_cannot_be_written_holds_nobody_up()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        await using var kit = new LogTestKit();
        var log = kit.Open(new LogConfig { OutFile = "/dev/full", Merge = true });
        using var follower = log.Follow(capacity: 100_000);
        var line = new string('x', 1000) + "\n";
        for (var i = 0; i < 5000; i++)
        {
            LogTestKit.Write(log, line);
            if (log.Error is not null)
            {
                await log.RoomAsync(LogStream.Out).AsTask().WaitAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            }
        }

        await LogTestKit.UntilAsync(() => log.Error is not null, "the error");
        Assert.InRange(log.Dropped, 1000, 5000);
        LogTestKit.Write(log, "fine\n", LogStream.Error);
        await log.DrainAsync();
        Assert.Equal("fine\n", kit.Read("api-error.log"));
        Assert.Equal(5001, follower.Lines.Count);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_made_is_tried_again()
    {
        await using var kit = new LogTestKit();
        var blocker = kit.Folder.File("logs");
        var log = kit.Open(new LogConfig { OutFile = kit.Folder.Combine("logs/out.log"), Merge = true });
        LogTestKit.Write(log, "a\n");
        await LogTestKit.UntilAsync(() => log.Error is not null, "the error");
        File.Delete(blocker);
        LogTestKit.Write(log, "b\n");
        await LogTestKit.UntilAsync(() => log.Error is null, "the end of the error");
        await log.DrainAsync();
        Assert.Equal("a\nb\n", kit.Read("logs/out.log"));
    }

    [Fact]
    public async Task When_a_full_disk_has_room_again_the_file_says_what_is_missing()
    {
        using var mount = new ScratchFolder();
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mount.Path), "needs the right to mount a tmpfs");
        try
        {
            await using var kit = new LogTestKit();
            var ballast = mount.Combine("ballast");
            await File.WriteAllBytesAsync(ballast, new byte[3500 << 10], TestContext.Current.CancellationToken);
            var log = kit.Open(new LogConfig { OutFile = mount.Combine("out.log"), Merge = true, MaxSize = 0 });
            var total = 0;
            while (log.Dropped < 100)
            {
                for (var i = 0; i < 1000; i++)
                {
                    LogTestKit.Write(log, $"line {total++}\n");
                }

                await log.DrainAsync();
                Assert.True(total < 5_000_000, "the disk never filled up");
            }

            var full = await File.ReadAllLinesAsync(mount.Combine("out.log"), TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Range(0, full.Length).Select(i => $"line {i}"), full);

            File.Delete(ballast);
            await LogTestKit.UntilAsync(() => log.Error is null, "the end of the error");
            await log.DrainAsync();
            LogTestKit.Write(log, "after\n");
            await log.DrainAsync();
            var lines = await File.ReadAllLinesAsync(mount.Combine("out.log"), TestContext.Current.CancellationToken);
            var notice = Array.FindIndex(lines, line => line.StartsWith("[starling] ", StringComparison.Ordinal));
            Assert.StartsWith($"[starling] {log.Dropped} lines of output were not written: No space left on device", lines[notice], StringComparison.Ordinal);
            Assert.Equal(total, notice + log.Dropped);
            Assert.Equal(Enumerable.Range(0, notice).Select(i => $"line {i}"), lines[..notice]);
            Assert.Equal(["after"], lines[(notice + 1)..]);
        }
        finally
        {
            Run("umount", mount.Path);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit(TimeSpan.FromSeconds(30));
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
