using Starling.Server.Backplane;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets.Cluster;

/// <summary>A question to all other nodes and the answers so far. Thread-safe.</summary>
internal sealed class ClusterRequest(int expected)
{
    private readonly Lock _gate = new();
    private readonly List<BackplaneMessage> _answers = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(BackplaneMessage answer)
    {
        lock (_gate)
        {
            _answers.Add(answer);
            if (_answers.Count < expected)
            {
                return;
            }
        }

        _done.TrySetResult();
    }

    /// <summary>Adds an answer after which no other is waited for.</summary>
    public void Complete(BackplaneMessage answer)
    {
        lock (_gate)
        {
            _answers.Add(answer);
        }

        _done.TrySetResult();
    }

    /// <summary>Waits for all answers or the end of the time, and says how many are missing.</summary>
    public async Task<(List<BackplaneMessage> Answers, int Missing)> WaitAsync(
        TimeSpan timeout, TimerWheel wheel, CancellationToken cancellationToken)
    {
        if (expected > 0)
        {
            var timer = new WheelTimer(() => _done.TrySetResult());
            wheel.Schedule(timer, timeout);
            await _done.Task.WaitAsync(cancellationToken);
            wheel.Cancel(timer);
        }

        lock (_gate)
        {
            return ([.. _answers], Math.Max(0, expected - _answers.Count));
        }
    }
}
