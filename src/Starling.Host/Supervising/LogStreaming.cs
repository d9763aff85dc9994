using Starling.Messaging;
using Starling.Supervisor;
using Starling.Supervisor.Logs;
using Starling.Supervisor.Workers;

namespace Starling.Host.Supervising;

/// <summary>Lines of all logs as they come, from the moment that it is made: what an application writes while it starts is among them.</summary>
internal sealed class LogStreaming : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly LineForm _form = new(isRaw: false, isJson: false);
    private readonly CancellationTokenSource _end;
    private readonly ISupervisor _supervisor;
    private readonly IAsyncEnumerator<LogLine> _lines;
    private readonly Task<bool> _first;
    private Task _printing = Task.CompletedTask;

    public LogStreaming(ISupervisor supervisor, CancellationToken cancellationToken)
    {
        _supervisor = supervisor;
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _lines = supervisor.FollowAsync("all", _end.Token).GetAsyncEnumerator(_end.Token);
        _first = _lines.MoveNextAsync().AsTask();
    }

    /// <summary>Prints the lines of some applications until it is cancelled. Called once.</summary>
    public Task FollowAsync(Func<string, bool> isWanted) => _printing = PrintAsync(isWanted);

    /// <summary>Prints all lines until it is cancelled or no process runs any more.</summary>
    /// <returns>The exit code: 1 when a process failed for good.</returns>
    public async Task<int> FollowUntilStoppedAsync(CancellationToken cancellationToken)
    {
        var printing = FollowAsync(_ => true);
        while (true)
        {
            if (await Task.WhenAny(printing, Task.Delay(Look, cancellationToken)) == printing)
            {
                await printing;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var workers = await _supervisor.ListAsync(cancellationToken);
            if (workers.All(worker => worker.Status is WorkerStatus.Stopped or WorkerStatus.Errored))
            {
                // Its last lines come before the next look.
                await Task.WhenAny(printing, Task.Delay(Look, cancellationToken));
                return workers.Any(worker => worker.Status == WorkerStatus.Errored) ? SupervisorCall.Failed : 0;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        try
        {
            await _first;
            await _printing;
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException or ConnectionLostException)
        {
            // It was cancelled, or the supervisor has ended.
        }

        await _lines.DisposeAsync();
        _end.Dispose();
    }

    private async Task PrintAsync(Func<string, bool> isWanted)
    {
        for (var hasLine = await _first; hasLine; hasLine = await _lines.MoveNextAsync())
        {
            if (isWanted(_lines.Current.App))
            {
                _form.Print(_lines.Current);
            }
        }
    }
}
