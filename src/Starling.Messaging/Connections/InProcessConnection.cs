using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Starling.Messaging.Calls;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Links;
using Starling.Messaging.Payloads;
using Starling.Messaging.Services;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>
/// One side of a connection inside the process on which objects are handed over as they are. A call runs the handler on the caller's
/// thread until its first wait: there are no bytes, no queue and no change of threads.
/// </summary>
internal sealed class InProcessConnection : RpcConnection, IQueueOwner
{
    private readonly CancellationTokenSource _ended = new();
    private readonly object[] _targets;
    private readonly int _limit;
    private readonly QueueGauge _gauge;
    private InProcessConnection _other = null!;
    private TaskCompletionSource? _idle;
    private int _running;

    private InProcessConnection(MessagingContext context, string remote)
    {
        Context = context;
        RemoteAddress = remote;
        _limit = context.Options.MaxConcurrentRequests + context.Options.MaxQueuedRequests;
        _gauge = context.Gauge("requests", _limit, this);
        _targets = context.Services.CreateTargets(this);
    }

    public override string RemoteAddress { get; }

    internal override MessagingContext Context { get; }

    long IQueueOwner.QueuedRequests => Volatile.Read(ref _running);

    long IQueueOwner.PendingCalls => Volatile.Read(ref _other._running);

    long IQueueOwner.QueuedBytes => 0;

    /// <summary>Connects two sides, by objects when both agree, otherwise by bytes.</summary>
    /// <param name="client">The side that connects.</param>
    /// <param name="server">The side that accepts.</param>
    /// <param name="keep">Gets the server's side before the first call can be made.</param>
    /// <returns>The client's side.</returns>
    public static RpcConnection Connect(MessagingContext client, MessagingContext server, Action<RpcConnection> keep)
    {
        if (!client.Options.ShareObjectsInProcess || !server.Options.ShareObjectsInProcess)
        {
            var options = new PipeOptions(useSynchronizationContext: false);
            var up = new Pipe(options);
            var down = new Pipe(options);
            WireConnection.Start(server, OverPipes(up.Reader, down.Writer), keep);
            return WireConnection.Start(client, OverPipes(down.Reader, up.Writer));
        }

        var clientSide = new InProcessConnection(client, "inproc:server");
        var serverSide = new InProcessConnection(server, "inproc:client");
        (clientSide._other, serverSide._other) = (serverSide, clientSide);
        client.Options.Metrics?.Add(clientSide);
        server.Options.Metrics?.Add(serverSide);
        keep(serverSide);
        return clientSide;
    }

    public override async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_ended.IsCancellationRequested && Interlocked.CompareExchange(ref _idle, idle, null) is null)
        {
            Interlocked.CompareExchange(ref _other._idle, idle, null);
            SignalIfIdle();
            try
            {
                await idle.Task.WaitAsync(Context.Options.CloseTimeout, Context.Options.TimeProvider, cancellationToken);
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException)
            {
                // What is still under way is given up.
            }

            Abort();
        }

        await Completion;
    }

    public override void Abort()
    {
        EndOne();
        _other.EndOne();
    }

    internal override Task<T> CallCoreAsync<T>(
        OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            // Two services that call each other deeply; a fresh stack costs a change of threads.
            return Task.Run(() => CallCoreAsync(method, arguments, codec, timeout, cancellationToken), cancellationToken);
        }

        CancellationTokenSource? cancellation = null;
        try
        {
            var service = _other.Find(method.Name);
            var bound = _other.Bind(service, method, arguments, Context);
            if (service.Shape.TokenIndex >= 0)
            {
                // Linked from the start, so that it reaches a handler that computes for long before its first wait.
                cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                bound[service.Shape.TokenIndex] = cancellation.Token;
            }

            _other.Begin();
            var task = _other.Invoke(service, bound);
            if (task.IsCompletedSuccessfully)
            {
                _other.Done();
                cancellation?.Dispose();
                Context.Options.Metrics?.CallEnded("ok");
                return task is Task<T> same && !codec.MayOpenAtPeer ? same : Task.FromResult(ResultOf(service, task, codec));
            }

            return FinishAsync(service, task, codec, timeout, cancellation, cancellationToken);
        }
        catch (Exception e)
        {
            cancellation?.Dispose();
            return Task.FromException<T>(_other.Translate(e, method.Name, isCancelled: false));
        }
    }

    internal override async ValueTask NotifyCoreAsync(OutgoingMethod method, object? arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfEnded();
        try
        {
            var service = _other.Find(method.Name);
            var bound = _other.Bind(service, method, arguments, Context);
            if (service.Shape.TokenIndex >= 0)
            {
                bound[service.Shape.TokenIndex] = _ended.Token;
            }

            _other.Begin();
            _ = _other.ObserveAsync(_other.Invoke(service, bound), method.Name);
            await ValueTask.CompletedTask;
        }
        catch (RpcException e)
        {
            _other.Context.Logger.NotificationIgnored(method.Name, _other.RemoteAddress, e.Message);
        }
    }

    internal override async Task SendBatchAsync(IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        ThrowIfEnded();
        foreach (var item in items)
        {
            await item.InvokeAsync(this, cancellationToken);
        }
    }

    internal override async Task<PeerIdentity?> IntroduceAsync(PeerIdentity identity, CancellationToken cancellationToken) =>
        Peer = await _other.Context.OnIntroduced(_other, identity, cancellationToken);

    private static Link OverPipes(PipeReader input, PipeWriter output) => new(
        new Ends(input, output), "inproc:pipes", () => output.CompleteAsync(), () =>
        {
            output.Complete();
            input.CancelPendingRead();
        });

    private ServiceMethod Find(string name) => Context.Services.Find(name)
        ?? (name == "$/ping" ? Ping() : throw new RpcException(RpcErrorCodes.MethodNotFound, $"There is no method {name}."));

    private ServiceMethod Ping()
    {
        var shape = MethodShape.OfHandler("$/ping", ((Action)Nothing).Method, Context.Serializer);
        return new ServiceMethod(shape, -1, static (_, _) => Task.CompletedTask);

        static void Nothing()
        {
        }
    }

    private object?[] Bind(ServiceMethod service, OutgoingMethod method, object? arguments, MessagingContext sender)
    {
        ThrowIfEnded();
        object?[] bound;
        if (method.Payloads(arguments) is { } payloads)
        {
            bound = service.Binder.Bind(payloads, sender.Serializer);
        }
        else
        {
            // Parameters by name are matched as on a wire.
            var json = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(arguments!, sender.Serializer.TypeInfo(arguments!.GetType()));
            bound = service.Binder.Bind(json, default, Context.Options.MaxJsonDepth);
        }

        var parameters = service.Shape.Parameters;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].Kind == ParameterKind.Connection)
            {
                bound[i] = this;
            }
        }

        return bound;
    }

    private void Begin()
    {
        // Counted first: closing, which says that it closes and then looks at the count, either waits for this request or is seen here.
        var running = Interlocked.Increment(ref _running);
        if (_idle is not null)
        {
            Done();
            throw new RpcException(RpcErrorCodes.Closing, "The other side is closing.");
        }

        _gauge.Observe(running);
        if (running > _limit)
        {
            Done();
            Context.Options.Metrics?.Refused();
            throw new RpcException(RpcErrorCodes.ServerBusy, "Too many requests are waiting.");
        }
    }

    private void Done()
    {
        Interlocked.Decrement(ref _running);
        Context.Options.Metrics?.RequestHandled();
        if (_idle is not null)
        {
            SignalIfIdle();
        }
    }

    private Task Invoke(ServiceMethod service, object?[] arguments)
    {
        try
        {
            return service.Invoke(service.TargetIndex < 0 ? this : _targets[service.TargetIndex], arguments)
                ?? throw new InvalidOperationException("The handler returned null where a task was due.");
        }
        catch (Exception e)
        {
            return Task.FromException(e);
        }
    }

    private async Task<T> FinishAsync<T>(
        ServiceMethod service, Task task, Codec<T> codec, TimeSpan timeout, CancellationTokenSource? cancellation, CancellationToken cancellationToken)
    {
        _ = _other.ObserveAsync(task, null, cancellation);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        try
        {
            // A result that is there counts, although the connection ended at the same moment: closing waits for handlers, and then ends.
            var wait = task.WaitAsync(timeout, Context.Options.TimeProvider, either.Token);
            await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await (task.IsCompleted ? task : wait);
            Context.Options.Metrics?.CallEnded("ok");
            return ResultOf(service, task, codec);
        }
        catch (Exception e)
        {
            var isOurs = !task.IsCompleted;
            if (isOurs && cancellation is not null)
            {
                await _other.CancelAsync(cancellation, service.Shape.Name);
            }

            Context.Options.Metrics?.CallEnded(isOurs ? "cancelled" : "error");
            throw e switch
            {
                TimeoutException when isOurs => new TimeoutException($"{service.Shape.Name} was not answered by {RemoteAddress} in time."),
                OperationCanceledException when cancellationToken.IsCancellationRequested => new OperationCanceledException(cancellationToken),
                OperationCanceledException when isOurs => new ConnectionLostException("The connection has ended."),
                _ => _other.Translate(e, service.Shape.Name, cancellation?.IsCancellationRequested == true),
            };
        }
    }

    private T ResultOf<T>(ServiceMethod service, Task task, Codec<T> codec)
    {
        var result = task is Task<T> same ? same.Result : codec.Convert(service.Shape.Result.ResultOf(task), _other.Context.Serializer);
        return codec.Until(result, _ended.Token);
    }

    private async Task CancelAsync(CancellationTokenSource cancellation, string method)
    {
        try
        {
            await cancellation.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The handler has ended meanwhile.
        }
        catch (Exception e)
        {
            // What the handler does when it is cancelled is not its caller's affair.
            Context.Logger.HandlerFailed(e, method, RemoteAddress);
        }
    }

    /// <summary>Counts a handler as done when it is, and logs what nobody else will see.</summary>
    private async Task ObserveAsync(Task task, string? notification, CancellationTokenSource? cancellation = null)
    {
        try
        {
            await task;
        }
        catch (Exception e)
        {
            if (notification is not null)
            {
                Context.Logger.HandlerFailed(e, notification, RemoteAddress);
            }
        }
        finally
        {
            // Or the caller's token, which may live as long as the application, would keep it.
            cancellation?.Dispose();
            Done();
        }
    }

    /// <summary>What the caller gets of an exception: the same as over a wire, with the cause beside it.</summary>
    private Exception Translate(Exception exception, string method, bool isCancelled)
    {
        if (exception is RpcException or ConnectionLostException)
        {
            return exception;
        }

        if (isCancelled && exception is OperationCanceledException)
        {
            return new RpcException(RpcErrorCodes.RequestCancelled, "The request was cancelled.", exception);
        }

        Context.Logger.HandlerFailed(exception, method, RemoteAddress);
        return Context.FailureOf(exception, method);
    }

    private void SignalIfIdle()
    {
        if (Volatile.Read(ref _running) == 0 && Volatile.Read(ref _other._running) == 0)
        {
            _idle?.TrySetResult();
        }
    }

    private void ThrowIfEnded()
    {
        if (_ended.IsCancellationRequested)
        {
            throw new ConnectionLostException("The connection has ended.");
        }
    }

    private void EndOne()
    {
        if (!_ended.IsCancellationRequested)
        {
            try
            {
                _ended.Cancel();
            }
            catch (AggregateException e)
            {
                Context.Logger.HandlerFailed(e, "a notification", RemoteAddress);
            }

            Context.Options.Metrics?.Remove(this);
            SetEnded(null);
        }
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
