using System.Text.Json;
using Starling.Server.Diagnostics;
using Starling.Server.Sockets.Limits;

namespace Starling.Server.Sockets.Events;

/// <summary>
/// Runs the handlers of one socket, one event after the other. As long as handlers complete at once, an event is handled on the read loop,
/// straight from the connection's buffer; behind a handler that takes time, events wait in memory of their own.
/// </summary>
internal sealed class EventDispatcher(Socket socket, int maxQueued, int maxQueuedBytes)
{
    private Queue<EventCall>? _queue;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private long _queuedBytes;
    private bool _running;
    private bool _completed;
    private SocketLimiter? _limiter;

    /// <summary>Takes an event. The returned task is incomplete only when too many wait; the client is then not read further.</summary>
    public ValueTask DispatchAsync(in EventCall call)
    {
        if (!(_limiter ??= new SocketLimiter(socket)).Admits(call))
        {
            return ValueTask.CompletedTask;
        }

        lock (this)
        {
            if (_completed)
            {
                return ValueTask.CompletedTask;
            }

            if (_running)
            {
                (_queue ??= new()).Enqueue(call.ToOwned());
                _queuedBytes += call.Size;
                if (_queue.Count < maxQueued && _queuedBytes < maxQueuedBytes)
                {
                    return ValueTask.CompletedTask;
                }

                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return new ValueTask(_room.Task);
            }

            _running = true;
        }

        var handling = InvokeAsync(call);
        if (!handling.IsCompletedSuccessfully)
        {
            _ = DrainAsync(handling);
        }
        else if (!TryStop())
        {
            _ = DrainAsync(ValueTask.CompletedTask);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Completes when no event is being handled and none waits.</summary>
    public Task WhenIdleAsync()
    {
        lock (this)
        {
            return _running
                ? (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
                : Task.CompletedTask;
        }
    }

    /// <summary>Takes no further event. Completes when those that were taken are handled.</summary>
    /// <param name="drops">Whether events that still wait are dropped.</param>
    public Task CompleteAsync(bool drops)
    {
        lock (this)
        {
            _completed = true;
            if (drops)
            {
                _queue = null;
                _queuedBytes = 0;
                ReleaseReader();
            }

            return WhenIdleAsync();
        }
    }

    private void ReleaseReader()
    {
        _room?.SetResult();
        _room = null;
    }

    private void Stop()
    {
        _running = false;
        _idle?.SetResult();
        _idle = null;
    }

    private bool TryStop()
    {
        lock (this)
        {
            if (_queue is { Count: > 0 })
            {
                return false;
            }

            Stop();
            return true;
        }
    }

    private async Task DrainAsync(ValueTask current)
    {
        await current;
        while (TryDequeue(out var next))
        {
            await InvokeAsync(next);
        }
    }

    private bool TryDequeue(out EventCall next)
    {
        lock (this)
        {
            if (_queue is not null && _queue.TryDequeue(out next))
            {
                _queuedBytes -= next.Size;
                if (_queue.Count <= maxQueued / 2 && _queuedBytes <= maxQueuedBytes / 2)
                {
                    ReleaseReader();
                }

                return true;
            }

            next = default;
            _queue = null;
            Stop();
            return false;
        }
    }

    // Never throws: what handlers throw is logged here.
    private ValueTask InvokeAsync(in EventCall call)
    {
        var own = socket.HandlersOrNull;
        var shared = socket.Namespace.Handlers;
        if (own?.WantsAll == true || shared.WantsAll || ServerTraces.Source.HasListeners())
        {
            return EventPipeline.RunAsync(call.ToOwned(), shared, own);
        }

        return InvokeListeners(call, shared.Events, own?.Events);
    }

    internal static ValueTask InvokeListeners(in EventCall call, EventTable shared, EventTable? own)
    {
        Span<byte> scratch = stackalloc byte[EventName.MaxStackLength];
        var name = EventName.Read(call.Array.Span, scratch);
        var pending = ValueTask.CompletedTask;
        foreach (var listener in shared.Find(name))
        {
            pending = Then(pending, Run(listener, call));
        }

        if (own is not null)
        {
            foreach (var listener in own.Find(name))
            {
                pending = Then(pending, Run(listener, call));
            }
        }

        return pending;
    }

    private static ValueTask Then(ValueTask first, ValueTask second)
    {
        return first.IsCompletedSuccessfully ? second : second.IsCompletedSuccessfully ? first : BothAsync(first, second);

        static async ValueTask BothAsync(ValueTask first, ValueTask second)
        {
            await first;
            await second;
        }
    }

    private static ValueTask Run(EventListener listener, in EventCall call)
    {
        Task task;
        try
        {
            task = listener(call) ?? throw new InvalidOperationException("The handler returned null, not a task.");
        }
        catch (Exception exception)
        {
            Report(call.Socket, EventName.ToText(call.Array.Span), exception);
            return ValueTask.CompletedTask;
        }

        return task.IsCompletedSuccessfully
            ? ValueTask.CompletedTask
            : ObserveAsync(task, call.Socket, EventName.ToText(call.Array.Span));
    }

    private static async ValueTask ObserveAsync(Task task, Socket socket, string name)
    {
        try
        {
            await task;
        }
        catch (Exception exception)
        {
            Report(socket, name, exception);
        }
    }

    internal static void Report(Socket socket, string name, Exception exception)
    {
        var server = socket.Namespace.Server;
        if (exception is OperationCanceledException && socket.Aborted.IsCancellationRequested)
        {
            return;
        }

        if (exception is JsonException)
        {
            server.Logger.ArgumentsDoNotFit(name, socket.Id, exception.Message);
            return;
        }

        server.Metrics.HandlerFailed(socket.Namespace.Name);
        server.Logger.HandlerFailed(exception, name, socket.Namespace.Name, socket.Id);
    }
}
