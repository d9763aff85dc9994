using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Starling.Messaging.Links.Polling;

namespace Starling.Messaging.Tests.Links.Polling;

[SupportedOSPlatform("linux")]
public sealed class PolledStreamTests : IAsyncLifetime
{
    private const string OnlyLinux = "The system has no epoll.";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly List<IDisposable> _open = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), OnlyLinux);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _open.ForEach(static item => item.Dispose());
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("tcp")]
    public async Task Bytes_come_in_order_and_whole_whatever_the_sizes_of_writes_and_reads(string kind)
    {
        const int Length = 8_000_000;
        var (a, b) = await PairAsync(kind);
        await Task.WhenAll(WriteAsync(a, 1), ReadAsync(b, 1), WriteAsync(b, 2), ReadAsync(a, 2)).WaitAsync(Limit, Stop);

        static async Task WriteAsync(Stream stream, int seed)
        {
            var sizes = new Random(seed);
            var buffer = new byte[300_000];
            for (var sent = 0; sent < Length;)
            {
                var count = Math.Min(Length - sent, sizes.Next(100) == 0 ? sizes.Next(buffer.Length) : sizes.Next(2_000));
                for (var i = 0; i < count; i++)
                {
                    buffer[i] = (byte)((sent + i) * 31 / 7);
                }

                await stream.WriteAsync(buffer.AsMemory(0, count), Stop);
                sent += count;
            }
        }

        static async Task ReadAsync(Stream stream, int seed)
        {
            var sizes = new Random(-seed);
            var buffer = new byte[100_000];
            for (var received = 0; received < Length;)
            {
                var count = await stream.ReadAsync(buffer.AsMemory(0, 1 + sizes.Next(sizes.Next(10) == 0 ? buffer.Length : 3_000)), Stop);
                Assert.True(count > 0, $"The stream ended after {received} bytes.");
                for (var i = 0; i < count; i++)
                {
                    Assert.Equal((byte)((received + i) * 31 / 7), buffer[i]);
                }

                received += count;
            }
        }
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("tcp")]
    public async Task The_end_is_seen_although_it_came_with_the_last_bytes(string kind)
    {
        for (var i = 0; i < 200; i++)
        {
            var (a, b) = await PairAsync(kind);
            var all = ReadAllAsync(b);
            await a.WriteAsync(new byte[10], Stop);
            await a.DisposeAsync();
            Assert.Equal(10, await all.WaitAsync(Limit, Stop));
            await b.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("tcp")]
    public async Task A_cancelled_read_loses_no_bytes_of_the_next(string kind)
    {
        var (a, b) = await PairAsync(kind);
        for (byte i = 0; i < 100; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var buffer = new byte[1];
            var read = b.ReadAtLeastAsync(buffer, 1, cancellationToken: cancellation.Token);
            var cancelled = Task.Run(cancellation.Cancel, Stop);
            await a.WriteAsync(new[] { i }, Stop);
            try
            {
                Assert.Equal(1, await read.AsTask().WaitAsync(Limit, Stop));
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(1, await b.ReadAtLeastAsync(buffer, 1, cancellationToken: Stop).AsTask().WaitAsync(Limit, Stop));
            }

            Assert.Equal(i, buffer[0]);
            await cancelled;
        }
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("tcp")]
    public async Task Disposal_ends_a_read_and_a_write_that_wait(string kind)
    {
        for (var i = 0; i < 50; i++)
        {
            var (a, b) = await PairAsync(kind);
            var read = a.ReadAtLeastAsync(new byte[1], 1, cancellationToken: Stop).AsTask();
            var write = a.WriteAsync(new byte[16_000_000], Stop).AsTask();
            Assert.False(read.IsCompleted);
            Assert.False(write.IsCompleted);
            await a.DisposeAsync();
            await Assert.ThrowsAsync<IOException>(() => read.WaitAsync(Limit, Stop));
            await Assert.ThrowsAsync<IOException>(() => write.WaitAsync(Limit, Stop));
            await Assert.ThrowsAsync<IOException>(async () => await a.ReadExactlyAsync(new byte[1], Stop));
            await Assert.ThrowsAsync<IOException>(async () => await a.WriteAsync(new byte[1], Stop));
            await b.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("tcp")]
    public async Task A_peer_that_vanishes_ends_a_write_that_waits(string kind)
    {
        var (a, b) = await PairAsync(kind);
        var write = a.WriteAsync(new byte[16_000_000], Stop).AsTask();
        Assert.False(write.IsCompleted);
        await b.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => write.WaitAsync(Limit, Stop));
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_refuses()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var error = await Assert.ThrowsAsync<SocketException>(() =>
            PolledConnection.ConnectAsync("127.0.0.1", ((IPEndPoint)closed.LocalEndPoint!).Port, Stop).WaitAsync(Limit, Stop));
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    public async Task Connecting_to_a_port_that_does_not_answer_can_be_cancelled()
    {
        // A queue of one that is full: what comes more is not answered.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var port = ((IPEndPoint)full.LocalEndPoint!).Port;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var connections = Enumerable.Range(0, 8).Select(_ => PolledConnection.ConnectAsync("127.0.0.1", port, cancellation.Token)).ToArray();
        await connections[0].WaitAsync(Limit, Stop);
        cancellation.Cancel();
        var cancelled = 0;
        foreach (var connection in connections)
        {
            try
            {
                _open.Add(await connection.WaitAsync(Limit, Stop));
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }

        Assert.True(cancelled > 0, "All connections were made.");
    }

    private static async Task<int> ReadAllAsync(Stream stream)
    {
        var all = 0;
        var buffer = new byte[1024];
        while (await stream.ReadAsync(buffer, Stop) is > 0 and var count)
        {
            all += count;
        }

        return all;
    }

    private async Task<(Stream A, Stream B)> PairAsync(string kind)
    {
        var folder = Directory.CreateTempSubdirectory("starling-polled");
        try
        {
            using var listener = kind == "unix"
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(kind == "unix" ? new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "s")) : new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var socket = new Socket(listener.AddressFamily, SocketType.Stream, listener.ProtocolType);
            await socket.ConnectAsync(listener.LocalEndPoint!, Stop);
            var pair = (PolledStream.Over(socket), PolledStream.Over(await listener.AcceptAsync(Stop)));
            _open.AddRange([pair.Item1, pair.Item2]);
            return pair;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
