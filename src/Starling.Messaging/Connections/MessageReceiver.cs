using System.Buffers;
using System.Text.Json;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Payloads;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>Turns the frames of one connection into answers to our calls and requests for the inbox.</summary>
internal sealed class MessageReceiver(WireConnection connection, Inbox inbox) : IFrameReceiver
{
    private readonly MessagingContext _context = connection.Context;
    private readonly int _maxDepth = connection.Context.Options.MaxJsonDepth;
    private readonly ControlMessages _control = new(connection, inbox);

    public void OnFrame(in Frame frame)
    {
        if (frame.Body.IsSingleSegment)
        {
            Take(frame.Body.FirstSpan, frame.Stream);
            return;
        }

        var length = (int)frame.Body.Length;
        var array = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            frame.Body.CopyTo(array);
            Take(array.AsSpan(0, length), frame.Stream);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    public void OnBatch()
    {
        inbox.Drain();
        connection.Completions.Drain(connection.Output);
    }

    public void OnEnd(Exception? reason)
    {
        if (reason is FrameException error)
        {
            Refuse(default, RpcErrorCodes.InvalidRequest, error.Message);
        }

        // Answers may have come with the end, and requests that can still be answered to a peer that has only stopped writing.
        OnBatch();
        connection.Output.Flush();
        connection.End(reason);
    }

    private void Take(ReadOnlySpan<byte> body, long? stream)
    {
        if (stream is { } number)
        {
            connection.Streams.Take(number, body);
            return;
        }

        try
        {
            var start = body.IndexOfAnyExcept(" \t\r\n"u8);
            if (start >= 0 && body[start] == '[')
            {
                TakeBatch(body);
            }
            else
            {
                TakeMessage(body, null);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is how the reader refuses strings that are no Unicode.
            Refuse(default, RpcErrorCodes.ParseError, $"The message is not JSON that is read here: {e.Message}");
        }
    }

    private void TakeBatch(ReadOnlySpan<byte> body)
    {
        // Read to its end before anything of it is done: what is no JSON in one place is none.
        var options = new JsonReaderOptions { MaxDepth = _maxDepth };
        var check = new Utf8JsonReader(body, options);
        while (check.Read())
        {
        }

        var batch = new BatchReply(connection);
        try
        {
            var reader = new Utf8JsonReader(body, options);
            reader.Read();
            var count = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                TakeMessage(body[start..(int)reader.BytesConsumed], batch);
                count++;
            }

            if (count == 0)
            {
                Refuse(default, RpcErrorCodes.InvalidRequest, "A batch must not be empty.");
            }
        }
        finally
        {
            batch.OnePartDone();
        }
    }

    private void TakeMessage(ReadOnlySpan<byte> json, BatchReply? batch)
    {
        var message = RpcMessage.Parse(json, _maxDepth);
        switch (message.Kind)
        {
            case RpcMessageKind.Request:
            case RpcMessageKind.Notification:
                TakeRequest(message, batch);
                break;
            case RpcMessageKind.Result:
            case RpcMessageKind.Error:
                TakeAnswer(message);
                break;
            default:
                Refuse(message.Id, RpcErrorCodes.InvalidRequest, message.Problem!, batch);
                break;
        }
    }

    private void TakeRequest(in RpcMessage message, BatchReply? batch)
    {
        if (message.Method.StartsWith("$/"u8))
        {
            _control.Take(message, batch);
            return;
        }

        var method = message.MethodIsEscaped ? _context.Services.Find(message.MethodName()) : _context.Services.Find(message.Method);
        if (method is null)
        {
            Reject(message, new RpcException(RpcErrorCodes.MethodNotFound, $"There is no method {message.MethodName()}."), batch);
            return;
        }

        if (connection.IsClosing)
        {
            Reject(message, new RpcException(RpcErrorCodes.Closing, "This side is closing."), batch);
            return;
        }

        object?[] arguments;
        try
        {
            arguments = method.Binder.Bind(message.Content, new WireScope(connection, null), _maxDepth);
        }
        catch (RpcException e)
        {
            Reject(message, e, batch);
            return;
        }

        if (message.Id.IsPresent)
        {
            batch?.Expect();
        }

        var request = new IncomingRequest(
            connection, method, message.Id, arguments, message.Id.IsPresent ? batch : null, TraceContext.Read(message, method.Shape.Name));
        if (inbox.TryAdd(request))
        {
            return;
        }

        request.Refuse();
        _context.Options.Metrics?.Refused();
        if (message.Id.IsPresent)
        {
            connection.ReplyError(message.Id, new RpcException(RpcErrorCodes.ServerBusy, "Too many requests are waiting."), batch);
        }
        else
        {
            _context.Logger.NotificationDropped(method.Shape.Name, connection.RemoteAddress);
        }
    }

    private void TakeAnswer(in RpcMessage message)
    {
        var call = message.Id.Kind == RequestIdKind.Number ? connection.Calls.Take(message.Id.Number) : null;
        if (call is null && message.Id.Kind == RequestIdKind.Number && connection.Calls.TakeLate(message.Id.Number) is { } late)
        {
            if (message.Kind == RpcMessageKind.Result)
            {
                late.DropResult(message.Content, connection, _maxDepth);
            }

            return;
        }

        if (call is null)
        {
            // An answer that comes after its time-out; or an error about something that we sent and that had no id.
            if (message.Kind == RpcMessageKind.Error && message.Id.Kind == RequestIdKind.Null)
            {
                _context.Logger.InvalidMessage(connection.RemoteAddress, "an error without a request: " + ErrorObject.Read(message.Content, _maxDepth).Message);
            }

            return;
        }

        if (message.Kind == RpcMessageKind.Result)
        {
            call.SettleResult(message.Content, connection, _maxDepth);
        }
        else
        {
            call.SettleError(ErrorObject.Read(message.Content, _maxDepth));
        }

        connection.OnAnswered(call, message.Kind == RpcMessageKind.Result ? "ok" : "error");
    }

    private void Reject(in RpcMessage message, RpcException error, BatchReply? batch)
    {
        if (message.Id.IsPresent)
        {
            batch?.Expect();
            connection.ReplyError(message.Id, error, batch);
        }
        else
        {
            _context.Logger.NotificationIgnored(message.MethodName(), connection.RemoteAddress, error.Message);
        }
    }

    private void Refuse(in RequestId id, int code, string problem, BatchReply? batch = null)
    {
        _context.Logger.InvalidMessage(connection.RemoteAddress, problem);
        batch?.Expect();
        connection.ReplyError(id, new RpcException(code, problem), batch);
    }
}
