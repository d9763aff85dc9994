using Starling.Apps.Cache.Routing;

namespace Starling.Apps.Tests.Cache;

public sealed class SingleFlightTests
{
    private readonly SingleFlight<int> _flights = new();
    private readonly TaskCompletionSource<int> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _work;
    private int _begun;

    [Fact]
    public async Task Those_who_ask_at_the_same_time_share_one_answer()
    {
        var first = Ask(CancellationToken.None);
        var second = Ask(CancellationToken.None);
        _answer.SetResult(5);
        Assert.Equal((5, false), await first);
        Assert.Equal((5, true), await second);
        Assert.Equal(1, _begun);
        Assert.Equal((5, false), await Ask(CancellationToken.None));
        Assert.Equal(2, _begun);
    }

    [Fact]
    public async Task All_hear_of_a_failure_and_the_next_tries_again()
    {
        var first = Ask(CancellationToken.None);
        var second = Ask(CancellationToken.None);
        _answer.SetException(new IOException("gone"));
        await Assert.ThrowsAsync<IOException>(() => first);
        await Assert.ThrowsAsync<IOException>(() => second);
        await Assert.ThrowsAsync<IOException>(() => Ask(CancellationToken.None));
        Assert.Equal(2, _begun);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_others_alone()
    {
        using var giveUp = new CancellationTokenSource();
        var first = Ask(giveUp.Token);
        var second = Ask(CancellationToken.None);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(_work.IsCancellationRequested);
        _answer.SetResult(5);
        Assert.Equal((5, true), await second);
    }

    [Fact]
    public async Task When_all_give_up_the_work_is_cancelled_and_the_next_begins_anew()
    {
        using var giveUp = new CancellationTokenSource();
        var first = Ask(giveUp.Token);
        await Task.WhenAny(first, Begun());
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True(_work.IsCancellationRequested);
        var second = Ask(CancellationToken.None);
        _answer.SetResult(6);
        Assert.Equal((6, false), await second);
    }

    private Task<(int Value, bool IsShared)> Ask(CancellationToken cancellationToken) => _flights.RunAsync(
        "key",
        token =>
        {
            _work = token;
            Interlocked.Increment(ref _begun);
            return _answer.Task;
        },
        cancellationToken);

    private async Task Begun()
    {
        while (Volatile.Read(ref _begun) == 0)
        {
            await Task.Yield();
        }
    }
}
