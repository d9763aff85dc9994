using Starling.Apps.Cache.Links;
using Starling.Messaging.Threads;

namespace Starling.Apps.Cache.Supervision;

/// <summary>A service in a thread of its own.</summary>
internal sealed class ThreadRun : IServiceRun
{
    private readonly WorkerThread _thread;

    public ThreadRun(MemberOptions options)
    {
        _thread = WorkerThread.Start(options.Name, async context =>
        {
            await new MemberHost(options).RunAsync(context.Scheduler, context.Stopping);
            return 0;
        });
        Ended = EndAsync();
    }

    public Task<string> Ended { get; }

    public string Description => "thread " + _thread.Name;

    public Task KillAsync() => _thread.TerminateAsync(TimeSpan.Zero);

    public async ValueTask DisposeAsync() => await _thread.DisposeAsync();

    private async Task<string> EndAsync()
    {
        var code = await _thread.Exit;
        return _thread.Error is { } error ? error.Message : $"exit code {code}";
    }
}
