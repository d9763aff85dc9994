using Starling.Documents.Submission;

namespace Starling.Documents.Subscriptions;

/// <summary>
/// One subscriber's stream of operations. It holds what arrives until <see cref="Start"/>, so that its owner can send first what leads up
/// to it. Thread-safe; its sink is called by one thread at a time and must not block.
/// </summary>
/// <param name="sink">Gets the operations.</param>
/// <param name="missed">Told that some may have been missed; null where the source knows better.</param>
/// <param name="backlog">Counts what is held; null where it is held for a moment only.</param>
internal sealed class OperationSubscription(Action<CommittedOperation> sink, Action? missed = null, OperationBacklog? backlog = null) : IDisposable
{
    private readonly Lock _gate = new();
    private List<CommittedOperation>? _held = [];
    private int _holds = 1;
    private Action? _onEnd;
    private bool _ended;

    public void OnOperation(CommittedOperation operation)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            if (_held is not null)
            {
                _held.Add(operation);
                backlog?.Add(operation);
                return;
            }

            sink(operation);
        }
    }

    /// <summary>Some operations may have been missed.</summary>
    public void OnMissed() => missed?.Invoke();

    /// <summary>Holds what arrives from now on, until one more <see cref="Start"/>.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _holds++;
                _held ??= [];
            }
        }
    }

    /// <summary>Lets the stream flow, if nothing else holds it.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_held is not { } held || --_holds > 0)
            {
                return;
            }

            _held = null;
            foreach (var operation in held)
            {
                backlog?.Remove(operation);
                if (!_ended)
                {
                    sink(operation);
                }
            }
        }
    }

    /// <summary>Runs something when the subscription ends, at once if it has ended.</summary>
    public void OnEnd(Action action)
    {
        lock (_gate)
        {
            if (!_ended)
            {
                _onEnd += action;
                return;
            }
        }

        action();
    }

    public void Dispose()
    {
        Action? onEnd;
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            _held?.ForEach(operation => backlog?.Remove(operation));
            _held = null;
            onEnd = _onEnd;
        }

        onEnd?.Invoke();
    }
}
