using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Starling.Worker.Draining;

/// <summary>
/// Begins the drain at SIGTERM and SIGINT. The second signal ends the wait, the third the process. Owner: the host, which keeps it, and
/// it keeps the registrations: one that is collected leaves the signal to the system, which kills.
/// </summary>
internal sealed class WorkerLifetime(Drain drain) : IHostLifetime, IDisposable
{
    private PosixSignalRegistration? _terminate;
    private PosixSignalRegistration? _interrupt;
    private int _signals;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _terminate?.Dispose();
        _interrupt?.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        var signals = Interlocked.Increment(ref _signals);
        context.Cancel = signals <= 2;
        if (signals == 1)
        {
            drain.Begin();
        }
        else if (signals == 2)
        {
            drain.Hurry();
        }
    }
}
