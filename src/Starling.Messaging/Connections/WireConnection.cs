using System.Text.Json;
using Starling.Messaging.Calls;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Links;
using Starling.Messaging.Payloads;
using Starling.Messaging.Streams;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>
/// A connection over bytes: one <see cref="ReceiveLoop"/>, one <see cref="SendQueue"/>, the calls that wait for answers and the requests
/// that are handled. It ends once, by <see cref="End"/>, whoever finds the reason first.
/// </summary>
internal sealed class WireConnection : RpcConnection, IQueueOwner
{
    private static readonly ControlMethod CancelMethod = new("$/cancelRequest");
    private readonly Link _link;
    private readonly Inbox _inbox;
    private readonly ReceiveLoop _receiver;
    private readonly Heartbeat _heartbeat;
    private readonly CallSlots _slots;
    private readonly QueueGauge _callGauge;
    private readonly BatchSender _batches;
    private TaskCompletionSource? _idle;
    private int _isEnded;

    private WireConnection(MessagingContext context, Link link)
    {
        Context = context;
        _link = link;
        var options = context.Options;
        _slots = new CallSlots(this, options.MaxPendingCalls);
        _batches = new BatchSender(this, _slots);
        _callGauge = context.Gauge("calls", options.MaxPendingCalls, this);
        Calls = new PendingCallTable(options.MaxOpenStreams);
        Sequences = new SequenceTable(this, options);
        Running = new RunningRequests(this);
        Streams = new StreamTable(this, options);
        Output = new SendQueue(link.Pipe.Output, options.SendHighWaterBytes, context.Gauge("send", options.SendHighWaterBytes, this), End);
        _inbox = new Inbox(
            options.MaxQueuedRequests, options.MaxConcurrentRequests, context.Gauge("requests", options.MaxQueuedRequests, this), Output);
        _receiver = new ReceiveLoop(link.Pipe.Input, context.Limits, new MessageReceiver(this, _inbox), options.TimeProvider);
        _heartbeat = new Heartbeat(this, options);
        Targets = context.Services.CreateTargets(this);
    }

    public override string RemoteAddress => _link.Remote;

    internal override bool IsEnding => _isEnded != 0;

    internal override MessagingContext Context { get; }

    public SendQueue Output { get; }

    public PendingCallTable Calls { get; }

    public CompletionQueue Completions { get; } = new();

    public RunningRequests Running { get; }

    public ProgressTable Progress { get; } = new();

    public SequenceTable Sequences { get; }

    public StreamTable Streams { get; }

    /// <summary>The objects that serve this connection.</summary>
    public object[] Targets { get; }

    public bool IsClosing => _idle is not null;

    public long LastRead => _receiver.LastRead;

    long IQueueOwner.QueuedRequests => _inbox.Count;

    long IQueueOwner.PendingCalls => Calls.Count;

    long IQueueOwner.QueuedBytes => Output.QueuedBytes;

    /// <param name="context">What it shares with others.</param>
    /// <param name="link">The bytes; from now on the connection's.</param>
    /// <param name="keep">Gets the connection before the first request can begin.</param>
    public static WireConnection Start(MessagingContext context, Link link, Action<WireConnection>? keep = null)
    {
        var connection = new WireConnection(context, link);
        context.Options.Metrics?.Add(connection);
        context.Sweeper.Add(connection);
        context.Logger.Connected(link.Remote);
        keep?.Invoke(connection);
        connection._receiver.Start();
        return connection;
    }

    public override async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_isEnded == 0 && Interlocked.CompareExchange(ref _idle, idle, null) is null)
        {
            SignalIfIdle();
            try
            {
                await idle.Task.WaitAsync(Context.Options.CloseTimeout, Context.Options.TimeProvider, cancellationToken);
                await Output.DrainAsync().WaitAsync(Context.Options.CloseTimeout, Context.Options.TimeProvider, cancellationToken);
                await _link.CloseAsync();
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException or IOException)
            {
                // What is still under way is given up.
            }

            End(null);
        }

        await Completion;
    }

    public override void Abort() => End(null);

    /// <summary>Ends the connection; the first reason counts.</summary>
    public void End(Exception? reason)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0)
        {
            return;
        }

        Context.Sweeper.Remove(this);
        Context.Options.Metrics?.Remove(this);
        Context.Logger.Disconnected(RemoteAddress, reason?.Message ?? "closed");
        Output.Close();
        Running.CancelAll();
        var lost = new ConnectionLostException($"The connection with {RemoteAddress} has ended: {reason?.Message ?? "closed"}", reason);
        Streams.Close(lost);
        foreach (var call in Calls.Close(lost))
        {
            Settle(call, lost, "lost");
        }

        _ = EndAsync(reason);
    }

    /// <summary>Time has passed in which this process did nothing; it counts for nobody.</summary>
    public void Postpone(TimeSpan unseen)
    {
        var ticks = (long)(unseen.TotalSeconds * Context.Options.TimeProvider.TimestampFrequency);
        Calls.Postpone(ticks);
        _receiver.Postpone(ticks);
        _heartbeat.Postpone(ticks);
    }

    /// <summary>Looks after what depends on time; called every <see cref="Sweeper.Period"/>.</summary>
    public void Sweep()
    {
        var time = Context.Options.TimeProvider;
        var now = time.GetTimestamp();
        foreach (var call in Calls.TakeOverdue(now))
        {
            SendCancel(call.Id);
            Settle(call, new TimeoutException($"{call.Method} was not answered by {RemoteAddress} in time."), "timeout");
        }

        if (_receiver.PartialSince is { } since && time.GetElapsedTime(since, now) > Context.Options.MessageTimeout)
        {
            End(new TimeoutException($"A message did not come to its end within {Context.Options.MessageTimeout}."));
            return;
        }

        Completions.RescueStuck();
        Output.Flush();
        _heartbeat.Check(now);
    }

    internal override Task<T> CallCoreAsync<T>(
        OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var deadline = DeadlineOf(timeout);
        if (method.IsControl || _slots.TryTake())
        {
            return Begin(method, arguments, codec, deadline, cancellationToken);
        }

        return WaitAndBeginAsync(method, arguments, codec, timeout, deadline, cancellationToken);
    }

    internal override async ValueTask NotifyCoreAsync(OutgoingMethod method, object? arguments, CancellationToken cancellationToken)
    {
        if (!Output.HasRoom)
        {
            await Output.WaitForRoomAsync(cancellationToken);
        }

        ThrowIfEnded();
        SendNotification(method, arguments);
    }

    internal override Task SendBatchAsync(IReadOnlyList<BatchItem> items, CancellationToken cancellationToken) => _batches.SendAsync(items, cancellationToken);

    internal override async Task<PeerIdentity?> IntroduceAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        var peer = await CallAsync(
            "$/hello", writer => IdentityCodec.Write(writer, identity), new IdentityCodec(), Context.Options.CallTimeout, cancellationToken);
        return Peer ??= peer;
    }

    internal void ThrowIfEnded()
    {
        if (_isEnded != 0)
        {
            throw new ConnectionLostException($"The connection with {RemoteAddress} has ended.", EndReason);
        }
    }

    /// <summary>Calls a method of the protocol itself.</summary>
    internal Task<T> CallAsync<T>(string method, Action<Utf8JsonWriter> write, Codec<T> codec, TimeSpan timeout, CancellationToken cancellationToken) =>
        CallCoreAsync(new ControlMethod(method), write, codec, timeout, cancellationToken);

    /// <summary>Sends a notification of the protocol itself, whatever the queue holds.</summary>
    internal void SendNotification(string method, Action<Utf8JsonWriter> write) => SendNotification(new ControlMethod(method), write);

    /// <summary>Sends an answer when there is room for it.</summary>
    internal async ValueTask ReplyAsync(OutgoingMessage message, BatchReply? batch)
    {
        if (!Output.HasRoom)
        {
            await Output.WaitForRoomAsync(CancellationToken.None);
        }

        Reply(message, batch);
    }

    internal void Reply(OutgoingMessage message, BatchReply? batch)
    {
        if (batch is not null)
        {
            batch.Add(message);
            return;
        }

        message.Seal();
        Output.Send(message);
        Context.Messages.Return(message);
    }

    internal void ReplyError(in RequestId id, RpcException error, BatchReply? batch)
    {
        var message = Context.Messages.Get();
        message.WriteError(id, error.Code, error.Message, error.ErrorData);
        if (message.Bytes.Length > Context.Options.MaxMessageBytes)
        {
            message.WriteError(id, error.Code, "The text and data of this error are longer than a message may be.", null);
        }

        Reply(message, batch);
    }

    /// <summary>To be called when a call has its answer.</summary>
    internal void OnAnswered(PendingCall call, string outcome)
    {
        OnCallEnded(call, outcome);
        if (!call.HasReports || !_inbox.TryAdd(new CompletionItem(call, this)))
        {
            Completions.Add(call);
        }
    }

    /// <summary>To be called when an item of the inbox is done.</summary>
    internal void OnRequestDone()
    {
        _inbox.OnDone();
        SignalIfIdle();
    }

    private async Task<T> WaitAndBeginAsync<T>(
        OutgoingMethod method, object? arguments, Codec<T> codec, TimeSpan timeout, long deadline, CancellationToken cancellationToken)
    {
        await _slots.TakeAsync(1, method.Name, timeout, cancellationToken);
        return await Begin(method, arguments, codec, deadline, cancellationToken);
    }

    private Task<T> Begin<T>(OutgoingMethod method, object? arguments, Codec<T> codec, long deadline, CancellationToken cancellationToken)
    {
        var call = new PendingCall<T>(method.Name, codec) { Deadline = deadline, HasPlace = !method.IsControl };
        var message = Context.Messages.Get();
        try
        {
            Calls.Add(call);
            message.BeginRequest(call.Id, method);
            method.Write(message.Json, arguments, new WireScope(this, call, message));
            message.End();
            Context.MessageLimit.Check(message, method.Name);
            message.Seal();
            _callGauge.Observe(Calls.Count);
            if (cancellationToken.CanBeCanceled)
            {
                call.Registration = cancellationToken.UnsafeRegister((_, token) => Cancel(call.Id, token), null);
            }

            Output.Send(message);
        }
        catch (Exception e)
        {
            // Unless the connection's end, or the caller's token, was quicker and has settled it.
            if (call.Id == 0 || Calls.Take(call.Id) is not null)
            {
                _slots.Release(call);
                call.SettleError(e);
                call.Complete();
            }
        }
        finally
        {
            Context.Messages.Return(message);
        }

        return call.Task;
    }

    internal void Cancel(long id, CancellationToken token)
    {
        if (Calls.GiveUp(id) is { } call)
        {
            SendCancel(id);
            Settle(call, new OperationCanceledException(token), "cancelled");
        }
    }

    private void SendCancel(long id) => SendNotification(CancelMethod, (Action<Utf8JsonWriter>)(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("id"u8, id);
        writer.WriteEndObject();
    }));

    private void SendNotification(OutgoingMethod method, object? arguments)
    {
        var message = Context.Messages.Get();
        try
        {
            message.BeginNotification(method);
            method.Write(message.Json, arguments, new WireScope(this, null));
            message.End();
            Context.MessageLimit.Check(message, method.Name);
            message.Seal();
            Output.Send(message);
        }
        finally
        {
            Context.Messages.Return(message);
        }
    }

    private void Settle(PendingCall call, Exception error, string outcome)
    {
        call.SettleError(error);
        OnCallEnded(call, outcome);
        ThreadPool.UnsafeQueueUserWorkItem(static call => call.Complete(), call, preferLocal: false);
    }

    private void OnCallEnded(PendingCall call, string outcome)
    {
        _slots.Release(call);
        Context.Options.Metrics?.CallEnded(outcome);
        SignalIfIdle();
    }

    internal long DeadlineOf(TimeSpan timeout)
    {
        var time = Context.Options.TimeProvider;
        return timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency);
    }

    private void SignalIfIdle()
    {
        if (_idle is { } idle && _inbox.Count == 0 && _inbox.Running == 0 && Calls.Count == 0)
        {
            idle.TrySetResult();
        }
    }

    private async Task EndAsync(Exception? reason)
    {
        _link.Abort();
        _receiver.Cancel();
        await Sequences.CloseAsync();
        SetEnded(reason);
    }
}
