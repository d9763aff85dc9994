using System.Security.Cryptography;

namespace Starling.Messaging.Tests.Streams;

public sealed class StreamTests
{
    public static TheoryData<string> Links => RunningService.Links;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Streams_go_both_ways_whatever_their_size(string link)
    {
        await using var service = await StartAsync(link);
        foreach (var size in new[] { 0, 1, 65_535, 65_536, 65_537, 20_000_000 })
        {
            var bytes = Bytes(size);
            var hash = await service.Client.InvokeAsync<string>("hash", [new MemoryStream(bytes)], null, Stop);
            Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)), hash);

            await using var received = await service.Client.InvokeAsync<Stream>("produce", [size], null, Stop);
            Assert.Equal(hash, Convert.ToHexString(await SHA256.HashDataAsync(received, Stop)));
        }
    }

    [Fact]
    public async Task Several_streams_and_calls_share_a_connection()
    {
        await using var service = await StartAsync("unix");
        var hashes = Enumerable.Range(0, 8).Select(i => service.Client.InvokeAsync<string>("hash", [new MemoryStream(Bytes(3_000_000 + i))], null, Stop)).ToArray();
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
        for (var i = 0; i < hashes.Length; i++)
        {
            Assert.Equal(Convert.ToHexString(SHA256.HashData(Bytes(3_000_000 + i))), await hashes[i]);
        }
    }

    [Fact]
    public async Task Who_does_not_read_lets_no_more_than_the_high_water_mark_come()
    {
        var source = new EndlessStream();
        await using var service = await StartAsync("tcp", source, options => options.StreamHighWaterBytes = 200_000);
        await using (var stream = await service.Client.InvokeAsync<Stream>("endless", [], null, Stop))
        {
            // What was sent stops growing although nobody reads, and goes on as soon as somebody does.
            var before = await source.WaitUntilStillAsync();
            Assert.InRange(before, 1, 200_000);
            await stream.ReadExactlyAsync(new byte[150_000], Stop);
            await source.WaitUntilMoreThanAsync(before);
        }

        // The reader has gone: the source is told.
        await source.Disposed.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
    }

    [Fact]
    public async Task A_source_that_fails_fails_its_reader()
    {
        await using var service = await StartAsync("tcp", new EndlessStream { FailsAfter = 300_000 });
        await using var stream = await service.Client.InvokeAsync<Stream>("endless", [], null, Stop);
        var failure = await Assert.ThrowsAsync<IOException>(() => stream.CopyToAsync(Stream.Null, Stop));
        Assert.Contains("Its source failed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_fails_the_reader()
    {
        await using var service = await StartAsync("tcp", new EndlessStream());
        await using var stream = await service.Client.InvokeAsync<Stream>("endless", [], null, Stop);
        service.Client.Connection!.Abort();
        await Assert.ThrowsAsync<ConnectionLostException>(() => stream.CopyToAsync(Stream.Null, Stop));
    }

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static Task<RunningService> StartAsync(string link, Stream? endless = null, Action<MessagingOptions>? configure = null) =>
        RunningService.StartAsync(link, configure, more: services => services
            .Add("hash", async (Stream stream, CancellationToken token) => Convert.ToHexString(await SHA256.HashDataAsync(stream, token)))
            .Add("produce", Stream (int size) => new MemoryStream(Bytes(size)))
            .Add("endless", () => endless!));
}
