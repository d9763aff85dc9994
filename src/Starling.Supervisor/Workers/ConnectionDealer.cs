using System.Net.Sockets;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Sockets;

namespace Starling.Supervisor.Workers;

/// <summary>
/// Accepts the connections of an application and hands each to that of its processes that has the fewest. While none of them takes connections, they wait in
/// the system's queue. Owner: <see cref="WorkerGroup"/>.
/// </summary>
internal sealed class ConnectionDealer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly WorkerGroup _group;
    private readonly WorkerServices _services;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public ConnectionDealer(WorkerGroup group, IReadOnlyList<SharedSocket> sockets, WorkerServices services)
    {
        (_group, _services, Sockets) = (group, services, sockets);
        _accepting = Task.WhenAll(sockets.Select(AcceptAsync));
    }

    /// <summary>Where it accepts.</summary>
    public IReadOnlyList<SharedSocket> Sockets { get; }

    /// <summary>Accepts no more. Done when what was accepted is handed over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync(SharedSocket socket, int number)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                if (!Takers().Any())
                {
                    await Task.Delay(Pause, _services.Time, _end.Token);
                    continue;
                }

                using var connection = await socket.AcceptAsync(_end.Token);
                await HandAsync(connection, number);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TooManyOpenSockets)
            {
                _services.Log.ConnectionNotHanded(_group.Config.Name, exception.Message);
                await Task.Delay(Pause, _services.Time);
            }
            catch (SocketException)
            {
                // The client left before it was accepted.
            }
            catch (Exception exception)
            {
                // Whatever happens to one connection, the next ones are accepted.
                _services.Log.ConnectionNotHanded(_group.Config.Name, exception.Message);
                await Task.Delay(Pause, _services.Time);
            }
        }
    }

    private async Task HandAsync(Socket connection, int number)
    {
        while (true)
        {
            foreach (var process in Takers().OrderBy(process => process.Handed.Load))
            {
                try
                {
                    if (await process.TryHandAsync(connection, number))
                    {
                        return;
                    }
                }
                catch (NodeChannelException)
                {
                    // It ends, or has closed its channel; the next one.
                }
                catch (IOException exception)
                {
                    _services.Log.ConnectionNotHanded(_group.Config.Name, exception.Message);
                    return;
                }
            }

            await Task.Delay(Pause, _services.Time, _end.Token);
        }
    }

    private IEnumerable<WorkerProcess> Takers() =>
        _group.Workers.Where(worker => worker.Status == WorkerStatus.Online).Select(worker => worker.Process).OfType<WorkerProcess>().Where(process => process.IsConnected);
}
