using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Cache.Supervision;

namespace Starling.Apps.Tests.Cache;

public sealed class ServiceSupervisorTests
{
    [Fact]
    public async Task A_run_that_goes_on_and_is_not_heard_of_is_killed_and_started_again()
    {
        var runs = new List<HungRun>();
        var again = new TaskCompletionSource();
        await using var supervisor = new ServiceSupervisor(
            "fetch",
            "fetch",
            () =>
            {
                runs.Add(new HungRun());
                if (runs.Count == 2)
                {
                    again.SetResult();
                }

                return runs[^1];
            },
            cancellationToken => runs.Count == 1 ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellationToken),
            () => { },
            TimeProvider.System,
            NullLoggerFactory.Instance.CreateLogger(""));
        await again.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(runs[0].Ended.IsCompleted);
        Assert.False(runs[1].Ended.IsCompleted);
        Assert.Equal(1, supervisor.Restarts);
    }

    private sealed class HungRun : IServiceRun
    {
        private readonly TaskCompletionSource<string> _ended = new();

        public Task<string> Ended => _ended.Task;

        public string Description => "a test";

        public Task KillAsync()
        {
            _ended.TrySetResult("killed");
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync() => await KillAsync();
    }
}
