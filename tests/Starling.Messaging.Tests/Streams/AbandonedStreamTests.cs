using System.Runtime.CompilerServices;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Tests.Streams;

/// <summary>Streams and sequences that nobody will read come to an end at their source, and take no place from others.</summary>
public sealed class AbandonedStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tcp", true)]
    [InlineData("unix", false)]
    public async Task A_stream_that_comes_after_its_call_was_given_up_is_closed_at_its_source(string link, bool isCancelled)
    {
        var source = new EndlessStream();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await StartAsync(link, services => services.Add("late", async Task<Stream> () =>
        {
            await goOn.Task;
            return source;
        }));
        await GiveUpAsync(token => service.Client.InvokeAsync<Stream>("late", [], isCancelled ? null : TimeSpan.FromMilliseconds(200), token), isCancelled);
        goOn.SetResult();
        await source.Disposed.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Theory]
    [InlineData("tcp", true)]
    [InlineData("unix", false)]
    public async Task A_sequence_that_comes_after_its_call_was_given_up_ends_at_its_source(string link, bool isCancelled)
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await StartAsync(link, services => services.Add("late", async Task<IAsyncEnumerable<int>> () =>
        {
            await goOn.Task;
            return NumbersAsync();
        }));

        // As many as may be open: were the first ones kept, there would be no place for the last.
        for (var i = 0; i < 4; i++)
        {
            await GiveUpAsync(
                token => service.Client.InvokeAsync<IAsyncEnumerable<int>>("late", [], isCancelled ? null : TimeSpan.FromMilliseconds(200), token), isCancelled);
        }

        goOn.SetResult();
        await AllAnsweredAsync(service);
        var numbers = await service.Client.InvokeAsync<IAsyncEnumerable<int>>("late", [], null, Stop);
        await foreach (var number in numbers)
        {
            Assert.Equal(1, number);
            break;
        }
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task The_argument_of_a_handler_that_fails_is_read_no_more_and_takes_no_place(string link)
    {
        await using var service = await RunningService.StartAsync(link, options => options.MaxOpenStreams = 2, more: services => services
            .Add("refuse", Task (Stream stream) => throw new RpcException(7, "Not today."))
            .Add("measure", async (Stream stream) =>
            {
                await stream.CopyToAsync(Stream.Null);
                return true;
            }));
        for (var i = 0; i < 8; i++)
        {
            using var endless = new EndlessStream();
            var e = await Assert.ThrowsAsync<RpcException>(() => service.Client.InvokeAsync("refuse", [endless], null, Stop));
            Assert.Equal((7, "Not today."), (e.Code, e.Message));
            await endless.WaitUntilStillAsync(mayBeUntouched: true);
        }

        // Refused before anybody could have read it.
        for (var i = 0; i < 8; i++)
        {
            using var endless = new EndlessStream();
            var e = await Assert.ThrowsAsync<RpcException>(() => service.Client.InvokeAsync(i % 2 == 0 ? "nowhere" : "measure", i % 2 == 0 ? [endless] : [endless, 1], null, Stop));
            Assert.Equal(i % 2 == 0 ? RpcErrorCodes.MethodNotFound : RpcErrorCodes.InvalidParams, e.Code);
            await endless.WaitUntilStillAsync(mayBeUntouched: true);
        }

        Assert.True(await service.Client.InvokeAsync<bool>("measure", [new MemoryStream(new byte[3_000_000])], null, Stop));
    }

    [Fact]
    public async Task Who_reads_the_argument_of_a_call_that_was_given_up_is_told()
    {
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await RunningService.StartAsync("tcp", more: services => services.Add("measure", async (Stream stream) =>
        {
            try
            {
                await stream.CopyToAsync(Stream.Null);
            }
            catch (Exception e)
            {
                failed.TrySetResult(e);
            }
        }));
        using var endless = new EndlessStream();
        await Assert.ThrowsAsync<TimeoutException>(() => service.Client.InvokeAsync("measure", [endless], TimeSpan.FromMilliseconds(300), Stop));
        Assert.IsType<IOException>(await failed.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        await endless.WaitUntilStillAsync(mayBeUntouched: true);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task Streams_in_both_directions_at_once_wait_each_for_its_own_reader(string link)
    {
        await using var service = await RunningService.StartAsync(link, options => options.StreamHighWaterBytes = 100_000, more: services => services.Add(
            "pass", async (Stream stream) =>
            {
                // What comes is handed back as it is read: the reader of the result holds up the source of the argument.
                await Task.Yield();
                return stream;
            }));
        using var endless = new EndlessStream();
        await using (var back = await service.Client.InvokeAsync<Stream>("pass", [endless], null, Stop))
        {
            var given = await endless.WaitUntilStillAsync(mayBeUntouched: true);
            Assert.InRange(given, 1, 1_000_000);
            await back.ReadExactlyAsync(new byte[2_000_000], Stop);
            Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
        }

        await endless.WaitUntilStillAsync(mayBeUntouched: true);
        Assert.Equal(3, await service.Proxy.AddAsync(1, 2));
    }

    private static async Task GiveUpAsync(Func<CancellationToken, Task> call, bool isCancelled)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        if (!isCancelled)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => call(cancel.Token));
            return;
        }

        var waiting = call(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Answers leave in the order in which their handlers go on, so those of calls that came before have come soon.</summary>
    private static async Task AllAnsweredAsync(RunningService service)
    {
        for (var i = 0; i < 20; i++)
        {
            await service.Proxy.AddAsync(1, 2);
            await Task.Delay(10, Stop);
        }
    }

    private static Task<RunningService> StartAsync(string link, Action<RpcServices> add) =>
        RunningService.StartAsync(link, options => options.MaxOpenStreams = 4, more: add);

    private static async IAsyncEnumerable<int> NumbersAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return 1;
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
