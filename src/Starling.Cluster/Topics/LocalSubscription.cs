using Starling.Server.Backplane;

namespace Starling.Cluster.Topics;

/// <summary>One handler of a topic. Once disposed, it is not called any more and does not run, unless it disposed itself.</summary>
internal sealed class LocalSubscription(LocalTopic topic, Func<BackplaneMessage, ValueTask> handler, Action<LocalSubscription> remove) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private bool _isRunning;
    private bool _isEnded;
    private TaskCompletionSource? _finished;

    public LocalTopic Topic { get; } = topic;

    public Func<BackplaneMessage, ValueTask> Handler { get; } = handler;

    public bool TryBegin()
    {
        lock (_gate)
        {
            return _isRunning = !_isEnded;
        }
    }

    public void Finish()
    {
        lock (_gate)
        {
            _isRunning = false;
            _finished?.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? running = null;
        var isFirst = false;
        lock (_gate)
        {
            (isFirst, _isEnded) = (!_isEnded, true);
            if (_isRunning && !Topic.IsInside)
            {
                _finished ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                running = _finished.Task;
            }
        }

        if (isFirst)
        {
            remove(this);
        }

        if (running is not null)
        {
            await running;
        }
    }
}
