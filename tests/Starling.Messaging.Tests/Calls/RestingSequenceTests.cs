using System.Runtime.CompilerServices;

namespace Starling.Messaging.Tests.Calls;

/// <summary>Sequences that have nothing to say for long: each is an open subscription, and costs others nothing.</summary>
public sealed class RestingSequenceTests
{
    public static TheoryData<string> Links => RunningService.Links;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task More_may_rest_than_requests_may_be_under_way_or_calls_unanswered(string link)
    {
        await using var service = await StartAsync(link, new Watched(), options =>
        {
            options.MaxConcurrentRequests = 4;
            options.MaxPendingCalls = 8;
        });
        var watchers = Enumerable.Range(0, 20).Select(_ => service.Client.StreamAsync<int>("watch", [], Stop).GetAsyncEnumerator(Stop)).ToArray();
        foreach (var watcher in watchers)
        {
            Assert.True(await watcher.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Stop));
        }

        // Each now waits for its second value, which does not come.
        var moves = watchers.Select(watcher => watcher.MoveNextAsync().AsTask()).ToArray();
        Assert.Equal(3, await service.Client.GetService<ICalculator>(TimeSpan.FromSeconds(10)).AddAsync(1, 2));
        Assert.DoesNotContain(moves, move => move.IsCompleted);
        service.Client.Connection!.Abort();
        foreach (var move in moves)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => move);
        }
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Closing_does_not_wait_for_one_that_rests(string link)
    {
        await using var service = await StartAsync(link, new Watched(), options => options.CloseTimeout = TimeSpan.FromMinutes(5));
        await using var watcher = service.Client.StreamAsync<int>("watch", [], Stop).GetAsyncEnumerator(Stop);
        Assert.True(await watcher.MoveNextAsync());
        var move = watcher.MoveNextAsync().AsTask();
        await service.Client.CloseAsync(Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop);
        await Assert.ThrowsAnyAsync<Exception>(() => move);
    }

    [Theory]
    [InlineData("tcp", true)]
    [InlineData("unix", false)]
    public async Task One_that_does_not_listen_to_its_token_keeps_no_connection_open(string link, bool byPeer)
    {
        var watched = new Watched { IgnoresToken = true };
        await using var service = await StartAsync(link, watched);
        await using var watcher = service.Client.StreamAsync<int>("watch", [], Stop).GetAsyncEnumerator(Stop);
        Assert.True(await watcher.MoveNextAsync());
        var move = watcher.MoveNextAsync().AsTask();
        var connection = Assert.Single(service.Server.Connections);
        if (byPeer)
        {
            service.Client.Connection!.Abort();
        }
        else
        {
            connection.Abort();
        }

        await connection.Completion.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        await Assert.ThrowsAnyAsync<Exception>(() => move.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        watched.Release.SetResult();
        await watched.Ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    private static Task<RunningService> StartAsync(string link, Watched watched, Action<MessagingOptions>? configure = null) =>
        RunningService.StartAsync(link, configure, more: services => services.Add("watch", (CancellationToken token) => watched.WatchAsync(token)));

    private sealed class Watched
    {
        public bool IgnoresToken { get; init; }

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async IAsyncEnumerable<int> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            try
            {
                yield return 1;
                await Release.Task.WaitAsync(IgnoresToken ? CancellationToken.None : cancellationToken);
                yield return 2;
            }
            finally
            {
                Ended.TrySetResult();
            }
        }
    }
}
