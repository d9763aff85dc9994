using Microsoft.Extensions.Hosting;
using Starling.Server.Sockets;

namespace Starling.Guides.Tests.SocketIo;

// begin clock
public sealed class Clock(SocketIOServer io, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await io.Volatile.EmitAsync("time", time.GetUtcNow(), stoppingToken);
        }
    }
}
// end
