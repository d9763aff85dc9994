using System.Diagnostics;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Payloads;
using Starling.Messaging.Services;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>A request or notification of a peer, its arguments read. Lives until it is answered.</summary>
internal sealed class IncomingRequest : InboxItem
{
    private readonly WireConnection _connection;
    private readonly ServiceMethod _method;
    private readonly RequestId _id;
    private readonly object?[] _arguments;
    private readonly BatchReply? _batch;
    private readonly CancellationTokenSource? _cancellation;

    /// <summary>The activity of the request; null when its caller is not traced.</summary>
    private readonly Activity? _activity;

    public IncomingRequest(WireConnection connection, ServiceMethod method, RequestId id, object?[] arguments, BatchReply? batch, Activity? activity)
    {
        _activity = activity;
        _connection = connection;
        _method = method;
        _id = id;
        _arguments = arguments;
        _batch = batch;
        var parameters = method.Shape.Parameters;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].Kind == ParameterKind.Connection)
            {
                arguments[i] = connection;
            }
        }

        // It can be cancelled as soon as it is known, although it may still have to wait for its turn.
        if (method.Shape.TokenIndex >= 0)
        {
            _cancellation = connection.Running.Begin(id);
            arguments[method.Shape.TokenIndex] = _cancellation.Token;
        }
    }

    public override void Run() => _ = RunAsync();

    /// <summary>Gives up without having begun.</summary>
    public void Refuse()
    {
        ArgumentBinder.GiveUp(_arguments);
        Drop();
    }

    private void Drop()
    {
        if (_cancellation is not null)
        {
            _connection.Running.End(_id, _cancellation);
        }
    }

    private async Task RunAsync()
    {
        BeginTrace();
        try
        {
            _cancellation?.Token.ThrowIfCancellationRequested();
            var task = _method.Invoke(_method.TargetIndex < 0 ? _connection : _connection.Targets[_method.TargetIndex], _arguments);
            if (task is null)
            {
                throw new InvalidOperationException("The handler returned null where a task was due.");
            }

            await task;
            if (_id.IsPresent)
            {
                await ReplyAsync(task);
            }
        }
        catch (Exception e)
        {
            _activity?.SetStatus(ActivityStatusCode.Error);
            Fail(e);
        }
        finally
        {
            _activity?.Stop();
            Drop();
            _connection.Context.Options.Metrics?.RequestHandled();
            _connection.OnRequestDone();
        }
    }

    /// <summary>Puts the handler into its caller's trace, and never into the one in which the connection was opened.</summary>
    private void BeginTrace()
    {
        if (_activity is not null)
        {
            _activity.Start();
        }
        else if (Activity.Current is not null)
        {
            Activity.Current = null;
        }
    }

    private ValueTask ReplyAsync(Task task)
    {
        var message = _connection.Context.Messages.Get();
        try
        {
            message.BeginResult(_id);
            _method.Shape.Result.WriteResult(message.Json, task, new WireScope(_connection, null, message));
            message.End();
            _connection.Context.MessageLimit.CheckResult(message, _method.Shape.Name);
        }
        catch
        {
            _connection.Context.Messages.Return(message);
            throw;
        }

        return _connection.ReplyAsync(message, _batch);
    }

    private void Fail(Exception exception)
    {
        // Whoever fails reads no further, and has seldom disposed what it was given.
        ArgumentBinder.GiveUp(_arguments);
        var error = exception as RpcException;
        if (error is null && exception is OperationCanceledException && _cancellation?.IsCancellationRequested == true)
        {
            error = new RpcException(RpcErrorCodes.RequestCancelled, "The request was cancelled.");
        }

        if (error is null)
        {
            _connection.Context.Logger.HandlerFailed(exception, _method.Shape.Name, _connection.RemoteAddress);
            error = _connection.Context.FailureOf(exception, _method.Shape.Name);
        }

        if (_id.IsPresent)
        {
            _connection.ReplyError(_id, error, _batch);
        }
    }
}
