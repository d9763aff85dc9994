using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Workers;

/// <summary>Tells listeners what happens to workers. A listener that does not keep up loses the oldest events; it never holds a worker.</summary>
internal sealed class SupervisorEvents(TimeProvider time)
{
    private const int MaxWaiting = 1024;

    private readonly Lock _lock = new();
    private Channel<SupervisorEvent>[] _listeners = [];

    public void Publish(AppConfig config, Worker worker, SupervisorEventKind kind, int pid, string? data = null)
    {
        var listeners = _listeners;
        if (listeners.Length == 0)
        {
            return;
        }

        var happened = new SupervisorEvent(kind, time.GetUtcNow(), config.Name, worker.Id, pid, data);
        foreach (var listener in listeners)
        {
            listener.Writer.TryWrite(happened);
        }
    }

    public async IAsyncEnumerable<SupervisorEvent> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<SupervisorEvent>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            _listeners = [.. _listeners, channel];
        }

        try
        {
            await foreach (var happened in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return happened;
            }
        }
        finally
        {
            lock (_lock)
            {
                _listeners = [.. _listeners.Where(listener => listener != channel)];
            }
        }
    }
}
