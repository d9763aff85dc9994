using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Cache;
using Starling.Apps.Cache.Links;
using Starling.Apps.Cache.Storage;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Cache;

public sealed class EntryStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("starling-cache-").FullName;
    private readonly ManualTime _time = new();
    private StoreLimits _limits = new() { MaxEntries = 3, MaxBytes = 1000, MemoryThreshold = 100, TimeToLive = TimeSpan.FromMinutes(10) };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_entry_that_was_not_used_for_longest_goes_when_there_are_too_many()
    {
        using var store = Open();
        await PutAsync(store, "a", 1);
        await PutAsync(store, "b", 1);
        await PutAsync(store, "c", 1);
        await ReadAsync(store, 1);
        await PutAsync(store, "d", 1);
        Assert.Equal([1, 3, 4], store.All().Select(entry => entry.Number));
        Assert.NotNull(store.Find("c"));
        await PutAsync(store, "e", 1);
        Assert.Equal([3, 4, 5], store.All().Select(entry => entry.Number));
        Assert.Equal(new StoreStatistics(3, 3, 2, 0), store.Statistics());
        Assert.Equal(3, Directory.GetFiles(_folder, "*.entry").Length);
    }

    [Fact]
    public async Task The_entries_that_were_not_used_for_longest_go_when_there_are_too_many_bytes()
    {
        using var store = Open();
        await PutAsync(store, "a", 400);
        await PutAsync(store, "b", 400);
        await PutAsync(store, "c", 900);
        Assert.Equal([3], store.All().Select(entry => entry.Number));
        Assert.Equal(900, store.Statistics().Bytes);
        Assert.Equal(CacheError.TooLarge, (await Assert.ThrowsAsync<CacheException>(() => PutAsync(store, "d", 1001))).Error);
        Assert.Equal([3], store.All().Select(entry => entry.Number));
    }

    [Fact]
    public async Task An_entry_goes_when_its_time_is_over()
    {
        using var store = Open();
        await PutAsync(store, "a", 1);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.NotNull(store.Find("a"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(store.Find("a"));
        Assert.Null(store.Open(1));
        Assert.Equal(new StoreStatistics(0, 0, 0, 1), store.Statistics());
        Assert.Empty(Directory.GetFiles(_folder, "*.entry"));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(500)]
    public async Task What_is_evicted_while_it_is_read_is_read_to_its_end(int size)
    {
        using var store = Open();
        await PutAsync(store, "a", size);
        var (_, body) = store.Open(1)!.Value;
        await using (body)
        {
            await body.ReadExactlyAsync(new byte[10], TestContext.Current.CancellationToken);
            await PutAsync(store, "b", 990);
            Assert.Null(store.Open(1));
            using var rest = new MemoryStream();
            await body.CopyToAsync(rest, TestContext.Current.CancellationToken);
            Assert.Equal(Bytes(size)[10..], rest.ToArray());
        }
    }

    [Fact]
    public async Task Entries_and_numbers_outlive_the_store()
    {
        using (var store = Open())
        {
            await PutAsync(store, "a", 50);
            await PutAsync(store, "b", 500);
            await PutAsync(store, "c", 10);
            Assert.True(store.Delete(3));
            Assert.False(store.Delete(3));
        }

        using var again = Open();
        Assert.Equal([1, 2], again.All().Select(entry => entry.Number));
        Assert.Equal(Bytes(50), await ReadAsync(again, 1));
        Assert.Equal(Bytes(500), await ReadAsync(again, 2));
        Assert.Equal(1, again.Find("a")!.Number);
        Assert.Equal(4, (await PutAsync(again, "d", 1)).Number);
    }

    [Fact]
    public async Task A_file_that_is_not_whole_is_dropped()
    {
        using (var store = Open())
        {
            await PutAsync(store, "a", 500);
            await PutAsync(store, "b", 500);
        }

        await using (var file = File.OpenWrite(Directory.GetFiles(_folder, "*.entry").Order().First()))
        {
            file.SetLength(400);
        }

        var draft = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".draft");
        await File.WriteAllTextAsync(draft, "half", TestContext.Current.CancellationToken);
        using var again = Open();
        Assert.Equal([2], again.All().Select(entry => entry.Number));
        Assert.Single(Directory.GetFiles(_folder, "*.entry"));
        Assert.Empty(Directory.GetFiles(_folder, "*.draft"));
    }

    [Fact]
    public async Task Files_of_others_are_left_alone()
    {
        string[] names = ["letter.draft", "diary.entry", "1.entry", "00000000-0000-0000-0000-000000000000.draft"];
        foreach (var name in names)
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, name), "mine", TestContext.Current.CancellationToken);
        }

        using var log = new LogLines();
        using var store = new EntryStore(_folder, _limits, _time, log);
        Assert.Empty(store.All());
        Assert.All(names, name => Assert.True(File.Exists(Path.Combine(_folder, name)), name));
        Assert.StartsWith("4 files in ", Assert.Single(log.All).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_written_is_a_failure_of_the_storage()
    {
        using var store = Open();
        Directory.Delete(_folder, recursive: true);
        Assert.Equal(CacheError.StorageFailed, (await Assert.ThrowsAsync<CacheException>(() => PutAsync(store, "a", 500))).Error);
        Assert.Equal(CacheError.StorageFailed, (await Assert.ThrowsAsync<CacheException>(() => PutAsync(store, "a", 5))).Error);
        Directory.CreateDirectory(_folder);
        Assert.Equal("a", (await PutAsync(store, "a", 500)).Head.Url);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(499)]
    public async Task An_entry_that_cannot_be_read_makes_way_for_another(int? length)
    {
        using var log = new LogLines();
        using var store = new EntryStore(_folder, _limits, _time, log);
        await PutAsync(store, "a", 500);
        Damage(Directory.GetFiles(_folder, "*.entry").Single(), length);
        Assert.Equal(CacheError.StorageFailed, Assert.Throws<CacheException>(() => store.Open(1)).Error);
        Assert.StartsWith("Entry 1 of a is dropped", Assert.Single(log.All).Text, StringComparison.Ordinal);
        Assert.Null(store.Find("a"));
        Assert.Equal(new StoreStatistics(0, 0, 0, 0), store.Statistics());
        Assert.Equal(Bytes(500), await ReadAsync(store, (await PutAsync(store, "a", 500)).Number));
    }

    [Fact]
    public async Task An_entry_that_is_damaged_while_it_is_read_makes_way_for_another()
    {
        using var store = Open();
        await PutAsync(store, "a", 500);
        await using var body = store.Open(1)!.Value.Body;
        await body.ReadExactlyAsync(new byte[10], TestContext.Current.CancellationToken);
        Damage(Directory.GetFiles(_folder, "*.entry").Single(), 100);
        var failure = await Assert.ThrowsAsync<IOException>(() => body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(CacheError.StorageFailed, StreamFailure.Read(failure)?.Error);
        Assert.Null(store.Find("a"));
    }

    [Fact]
    public async Task A_body_that_breaks_off_leaves_nothing_behind()
    {
        using var store = Open();
        await Assert.ThrowsAsync<CacheException>(() => store.PutAsync(Head("a", null), new BrokenBody(500), TestContext.Current.CancellationToken));
        var error = await Assert.ThrowsAsync<CacheException>(() => store.PutAsync(Head("a", 600), new MemoryStream(Bytes(500)), TestContext.Current.CancellationToken));
        Assert.Equal(CacheError.SourceFailed, error.Error);
        Assert.Empty(store.All());
        Assert.Empty(Directory.GetFiles(_folder, "*.draft"));
        Assert.Equal(1, (await PutAsync(store, "a", 1)).Number);
    }

    [Fact]
    public async Task An_address_has_its_newest_entry_and_an_older_one_keeps_its_number()
    {
        using var store = Open();
        await PutAsync(store, "a", 1);
        await PutAsync(store, "a", 2);
        Assert.Equal(2, store.Find("a")!.Number);
        Assert.Single(await ReadAsync(store, 1));
        store.Delete(1);
        Assert.Equal(2, store.Find("a")!.Number);
        Assert.Equal(1, store.Clear());
        Assert.Null(store.Find("a"));
    }

    [Fact]
    public async Task Smaller_limits_hold_at_once()
    {
        using var store = Open();
        await PutAsync(store, "a", 1);
        await PutAsync(store, "b", 1);
        store.Apply(_limits with { MaxEntries = 1 });
        Assert.Equal([2], store.All().Select(entry => entry.Number));
        _limits = _limits with { MaxEntries = 3 };
    }

    [Fact]
    public void A_folder_has_one_owner()
    {
        using var store = Open();
        var error = Assert.Throws<CacheException>(Open);
        Assert.Equal(CacheError.StorageFailed, error.Error);
        Assert.Contains("another cache may use it", error.Message, StringComparison.Ordinal);
    }

    private static void Damage(string path, int? length)
    {
        if (length is { } rest)
        {
            using var file = File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(rest);
        }
        else
        {
            File.Delete(path);
        }
    }

    private static byte[] Bytes(int size) => [.. Enumerable.Range(0, size).Select(index => (byte)index)];

    private static ResourceHead Head(string url, long? length) => new(url, url, "HTTP/1.1 200 OK", length, []);

    private static Task<Entry> PutAsync(EntryStore store, string url, int size) =>
        store.PutAsync(Head(url, null), new MemoryStream(Bytes(size)), TestContext.Current.CancellationToken);

    private static async Task<byte[]> ReadAsync(EntryStore store, long number)
    {
        await using var body = store.Open(number)!.Value.Body;
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return bytes.ToArray();
    }

    private EntryStore Open() => new(_folder, _limits, _time, NullLogger.Instance);

    private sealed class BrokenBody(int size) : ReadOnlyStream
    {
        private int _rest = size;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_rest == 0)
            {
                throw new IOException("It broke off.");
            }

            var count = Math.Min(buffer.Length, _rest);
            _rest -= count;
            return ValueTask.FromResult(count);
        }
    }
}
