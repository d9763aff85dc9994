using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>An event that waits for its acknowledgement. Completed once, by whichever comes first: answer, time-out or disconnect.</summary>
internal sealed class PendingAcknowledgement(TimerWheel wheel) : IAcknowledgement
{
    private readonly TaskCompletionSource<EventArguments> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Complete(EventArguments answer) => _answer.TrySetResult(answer);

    public void Cancel() => _answer.TrySetException(new OperationCanceledException("The socket has disconnected."));

    public async Task<EventArguments> WaitAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (timeout is not { } limit)
        {
            return await _answer.Task.WaitAsync(cancellationToken);
        }

        var timer = new WheelTimer(() => _answer.TrySetException(new TimeoutException($"The client has not answered within {limit}.")));
        wheel.Schedule(timer, limit);
        try
        {
            return await _answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            wheel.Cancel(timer);
        }
    }
}
