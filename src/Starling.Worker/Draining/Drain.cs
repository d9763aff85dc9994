using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Starling.Worker.Handing;
using Starling.Worker.Supervision;

namespace Starling.Worker.Draining;

/// <summary>
/// How a worker ends without losing a request. Owner: the host. Thread-safe; every step is made once.
/// <list type="number">
/// <item>It stops accepting. First, so that no client that is told to come back comes back to this worker.</item>
/// <item>HTTP/2 clients get a GOAWAY; every HTTP/1.1 answer says <c>Connection: close</c>.</item>
/// <item>The host is told to stop, so that the application says goodbye to clients that would stay for ever, WebSockets and event streams
/// (<see cref="IHostApplicationLifetime.ApplicationStopping"/>). Now and not at the end: they need the time to leave, too.</item>
/// <item>Before the host stops the web server (<see cref="IHostedLifecycleService.StoppingAsync"/>), it waits here until nothing is open.
/// After <see cref="StarlingWorkerOptions.IdleTimeout"/> connections without a request are closed, after
/// <see cref="StarlingWorkerOptions.DrainTimeout"/>, or when told to hurry, all others.</item>
/// </list>
/// </summary>
internal sealed class Drain(
    IOptions<StarlingWorkerOptions> options, OpenConnections connections, ListenSockets sockets, HandedConnections handed, Notifier notifier,
    WorkerChannel channel, WorkerEnvironment environment, IEnumerable<IServer> servers, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<Drain> logger)
    : IStarlingWorker, IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _hurry = new();
    private int _steps;

    public bool HasPassedSockets => environment.Sockets.Count > 0 || handed.EndPoints.Count > 0;

    public CancellationToken Draining => _draining.Token;

    void IStarlingWorker.Drain() => Begin();

    /// <summary>Begins the drain and the end of the process; a second call does nothing.</summary>
    public void Begin()
    {
        if (Interlocked.CompareExchange(ref _steps, 1, 0) != 0)
        {
            return;
        }

        notifier.Send("STOPPING=1");
        logger.Draining(connections.Count, options.Value.DrainTimeout);
        sockets.Close();
        handed.Close();
        connections.StartDrain();
        Cancel(_draining);
        lifetime.StopApplication();
    }

    /// <summary>Ends the wait: what is open is cut.</summary>
    public void Hurry()
    {
        logger.Hurried();
        Cancel(_hurry);
    }

    /// <summary>Waits for the connections to end, cuts those that don't, and reports.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var (timeout, idle) = (options.Value.DrainTimeout, options.Value.IdleTimeout);
        using var window = new CancellationTokenSource(timeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _hurry.Token, window.Token);

        // A connection that was accepted just before may still be on its way to those who count them.
        await Task.Delay(Fresh < timeout / 2 ? Fresh : timeout / 2, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await WaitAsync(idle < timeout / 2 ? idle : timeout / 2, end.Token);
        connections.CloseIdle();
        await WaitAsync(Timeout.InfiniteTimeSpan, end.Token);
        var cut = connections.Drained.IsCompleted ? 0 : connections.Cut();

        // The host would wait for requests that go on although their connection was cut as long as for the whole drain; the server itself gets
        // what is left of it. Connections that a transport keeps to itself, such as WebSockets whose request has ended, end here.
        foreach (var server in servers)
        {
            await server.StopAsync(end.Token);
        }

        await ReportAsync(connections.Finished, cut);
    }

    public void Dispose()
    {
        _draining.Dispose();
        _hurry.Dispose();
    }

    // Called by signals, which come at any time, also after the host has disposed of this, and on whose threads nothing may be thrown.
    private void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The process is about to end.
        }
        catch (AggregateException exception)
        {
            logger.DrainCallbackFailed(exception);
        }
    }

    private async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await connections.Drained.WaitAsync(limit, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Whoever waits goes on to the next step in any case.
        }
    }

    private async Task ReportAsync(int finished, int cut)
    {
        logger.Drained(finished, cut);
        notifier.Send($"X_STARLING_DRAIN=finished={finished} cut={cut}\nSTATUS=Drained: {finished} connections finished, {cut} were cut.");
        try
        {
            if (channel.IsConnected)
            {
                await channel.SendAsync(new DrainReport(finished, cut), _hurry.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            logger.ChannelFailed(exception);
        }
    }
}
