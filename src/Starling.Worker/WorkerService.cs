using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Messaging.NodeIpc;
using Starling.Worker.Draining;
using Starling.Worker.Supervision;

namespace Starling.Worker;

/// <summary>Says ready when the application has started, keeps the watchdog content, and lets the host wait for the drain.</summary>
internal sealed class WorkerService(
    IOptions<StarlingWorkerOptions> options, WorkerEnvironment environment, Notifier notifier, WorkerChannel channel, Drain drain,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<WorkerService> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    private ITimer? _watchdog;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _ = ListenAsync();
        lifetime.ApplicationStarted.Register(OnStarted);

        // Whoever stops the host without a signal drains as well.
        lifetime.ApplicationStopping.Register(drain.Begin);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        drain.Begin();
        return drain.CompleteAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(FlushTimeout);
        try
        {
            await channel.DisconnectAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The supervisor does not read; its loss.
        }
    }

    public void Dispose() => _watchdog?.Dispose();

    private void OnStarted()
    {
        notifier.Send($"READY=1\nMAINPID={Environment.ProcessId}");
        if (environment.WatchdogTimeout is { } timeout)
        {
            _watchdog = time.CreateTimer(_ => notifier.Send("WATCHDOG=1"), null, timeout / 2, timeout / 2);
        }

        _ = SayReadyAsync();
    }

    private async Task SayReadyAsync()
    {
        try
        {
            if (channel.IsConnected)
            {
                await channel.SendAsync("ready");
            }
        }
        catch (NodeChannelException exception)
        {
            logger.ChannelFailed(exception);
        }
    }

    private async Task ListenAsync()
    {
        await channel.RunAsync(drain.Begin);
        if (channel.Exists && !drain.Draining.IsCancellationRequested)
        {
            logger.SupervisorLeft();
            if (options.Value.StopOnDisconnect)
            {
                drain.Begin();
            }
        }
    }
}
