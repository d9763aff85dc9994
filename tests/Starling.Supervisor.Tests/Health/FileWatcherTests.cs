using System.Threading.Channels;
using Starling.Server.Tests;
using Starling.Supervisor.Configuration;
using Starling.Supervisor.Health;

namespace Starling.Supervisor.Tests.Health;

public sealed class FileWatcherTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly ScratchFolder _folder = new();
    private readonly Channel<FileChange> _changes = Channel.CreateUnbounded<FileChange>();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_change_is_told_with_its_path()
    {
        _folder.File("src/a.js", "1");
        using var watcher = Watch([_folder.Path]);
        _folder.File("src/a.js", "22");
        Assert.Equal(new FileChange(_folder.Combine("src/a.js"), 1), await NextAsync());
    }

    [Fact]
    public async Task Files_in_new_folders_are_seen()
    {
        using var watcher = Watch([_folder.Path]);
        Directory.CreateDirectory(_folder.Combine("new/inner"));
        await NextAsync();
        var path = _folder.File("new/inner/b.js", "1");
        await UntilAsync(path);
    }

    [Fact]
    public async Task A_burst_of_changes_is_told_once()
    {
        var clock = new ManualTime();
        using var watcher = Watch([_folder.Path], clock: clock);
        for (var i = 0; i < 20; i++)
        {
            _folder.File($"{i}.js", "1");
        }

        // A slow system may tell of them in several bursts, but not one by one.
        var bursts = new List<FileChange>();
        var start = Environment.TickCount64;
        while (bursts.Sum(burst => burst.Count) < 20)
        {
            Assert.True(Environment.TickCount64 - start < Limit.TotalMilliseconds, "not all changes were told");
            await Task.Delay(200, TestContext.Current.CancellationToken);
            clock.Advance(TimeSpan.FromMilliseconds(100));
            if (_changes.Reader.TryRead(out var change))
            {
                bursts.Add(change);
            }
        }

        Assert.InRange(bursts.Count, 1, 10);
        Assert.Equal(_folder.Path, Path.GetDirectoryName(bursts[0].Path));
    }

    [Fact]
    public async Task Ignored_files_and_own_logs_are_not_seen()
    {
        Directory.CreateDirectory(_folder.Combine("node_modules/x"));
        using var watcher = Watch([_folder.Path], app => app with { Log = new LogConfig { OutFile = _folder.Combine("out.log") } });
        _folder.File("node_modules/x/index.js", "1");
        _folder.File(".cache/x", "1");
        _folder.File("out.log", "1");
        _folder.File("out-3.log", "1");
        _folder.File("out.log.20260101-000000.1", "1");
        _folder.File("real.js", "1");
        Assert.Equal(new FileChange(_folder.Combine("real.js"), 1), await NextAsync());
        Assert.False(_changes.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_single_file_and_a_pattern_can_be_watched()
    {
        _folder.File("a.json", "1");
        _folder.File("lib/x.js", "1");
        using var watcher = Watch([_folder.Combine("a.json"), _folder.Combine("lib/**/*.js")]);
        _folder.File("b.json", "1");
        _folder.File("lib/x.css", "1");
        _folder.File("a.json", "22");
        await UntilAsync(_folder.Combine("a.json"));
        _folder.File("lib/deep/y.js", "1");
        Directory.CreateDirectory(_folder.Combine("lib/deep"));
        _folder.File("lib/x.js", "22");
        await UntilAsync(_folder.Combine("lib/x.js"), _folder.Combine("lib/deep/y.js"));
    }

    [Fact]
    public async Task A_removed_folder_is_watched_again_when_it_is_back()
    {
        _folder.File("src/a.js", "1");
        using var watcher = Watch([_folder.Combine("src")]);
        Directory.Delete(_folder.Combine("src"), recursive: true);
        await NextAsync();
        _folder.File("src/a.js", "1");
        await UntilAsync(_folder.Combine("src"), _folder.Combine("src/a.js"));
        await DrainAsync();
        _folder.File("src/c.js", "1");
        await UntilAsync(_folder.Combine("src/c.js"));
    }

    [Fact]
    public async Task Nothing_is_told_after_the_end()
    {
        var watcher = Watch([_folder.Path]);
        watcher.Dispose();
        _folder.File("a.js", "1");
        using var second = Watch([_folder.Path]);
        _folder.File("b.js", "1");
        Assert.Equal(_folder.Combine("b.js"), (await NextAsync()).Path);
    }

    private FileWatcher Watch(IReadOnlyList<string> paths, Func<AppConfig, AppConfig>? with = null, TimeProvider? clock = null)
    {
        var app = new AppConfig { Name = "api", Script = "/a", Cwd = _folder.Path, Watch = paths, WatchDelay = TimeSpan.FromMilliseconds(50) };
        return new FileWatcher(with?.Invoke(app) ?? app, clock ?? TimeProvider.System, change => _changes.Writer.TryWrite(change));
    }

    private async Task<FileChange> NextAsync() =>
        await _changes.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);

    private async Task UntilAsync(params string[] anyOf)
    {
        while (Array.IndexOf(anyOf, (await NextAsync()).Path) < 0)
        {
        }
    }

    // Until the folder that came back has been told of and is watched.
    private async Task DrainAsync()
    {
        while (await Task.WhenAny(_changes.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask(), Task.Delay(2500, TestContext.Current.CancellationToken)) is Task<bool>)
        {
            _changes.Reader.TryRead(out _);
        }
    }
}
