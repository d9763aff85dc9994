using System.Text.Json;
using Starling.Messaging.Diagnostics;
using Starling.Messaging.Payloads;
using Starling.Protocol.JsonRpc;

namespace Starling.Messaging.Connections;

/// <summary>The methods whose names begin with <c>$/</c>: cancellation, progress, sequences, heartbeats, registration.</summary>
internal sealed class ControlMessages(WireConnection connection, Inbox inbox)
{
    private readonly int _maxDepth = connection.Context.Options.MaxJsonDepth;

    public void Take(in RpcMessage message, BatchReply? batch)
    {
        if (message.Id.IsPresent)
        {
            batch?.Expect();
        }
        else
        {
            batch = null;
        }

        try
        {
            Dispatch(message, batch);
        }
        catch (Exception e) when (e is JsonException or RpcException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            Fail(message.MethodName(), message.Id, e, batch);
        }
    }

    private void Dispatch(in RpcMessage message, BatchReply? batch)
    {
        var name = message.Method;
        var id = message.Id;
        if (name.SequenceEqual("$/cancelRequest"u8))
        {
            var cancelled = Parameter(message, "id"u8, 0);
            var reader = new Utf8JsonReader(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(cancelled));
            reader.Read();
            connection.Running.Cancel(RequestId.Read(ref reader) ?? default);
            Confirm(id, batch);
        }
        else if (name.SequenceEqual("$/progress"u8))
        {
            var token = Parameter(message, "token"u8, 0);
            var value = Parameter(message, "value"u8, 1);
            if (token.ValueKind == JsonValueKind.Number && connection.Progress.Find(token.GetInt64()) is { } sink)
            {
                Add(message, batch, () =>
                {
                    sink.Report(value, connection);
                    Confirm(id, batch);
                });
                return;
            }

            Confirm(id, batch);
        }
        else if (name.SequenceEqual("$/stream/grant"u8))
        {
            connection.Streams.FindOutgoing(Parameter(message, "stream"u8, 0).GetInt64())?.Grant(Parameter(message, "bytes"u8, 1).GetInt64());
            Confirm(id, batch);
        }
        else if (name.SequenceEqual("$/stream/cancel"u8))
        {
            connection.Streams.FindOutgoing(Parameter(message, "stream"u8, 0).GetInt64())?.Cancel();
            Confirm(id, batch);
        }
        else if (name.SequenceEqual("$/stream/fail"u8))
        {
            var reason = Parameter(message, "message"u8, 1).GetString();
            connection.Streams.FindIncoming(Parameter(message, "stream"u8, 0).GetInt64())?.Fail(new IOException($"The peer could not send the stream to its end: {reason}"));
            Confirm(id, batch);
        }
        else if (name.SequenceEqual("$/ping"u8))
        {
            Confirm(id, batch);
        }
        else if (name.SequenceEqual("$/hello"u8))
        {
            var identity = new PeerIdentity(
                Parameter(message, "name"u8, 0).GetString() ?? "", Parameter(message, "role"u8, 1).GetString() ?? "");
            Add(message, batch, () => IntroducedAsync(id, identity, batch));
        }
        else if (name.SequenceEqual("$/enumerator/next"u8))
        {
            var sequence = connection.Sequences.Get(Parameter(message, "token"u8, 0).GetInt64());
            var token = Parameter(message, "token"u8, 0).GetInt64();
            Add(message, batch, () => NextAsync(id, token, sequence, batch), mayRest: true);
        }
        else if (name.SequenceEqual("$/enumerator/abort"u8))
        {
            var token = Parameter(message, "token"u8, 0).GetInt64();
            Add(message, batch, async () =>
            {
                await connection.Sequences.EndAsync(token);
                Confirm(id, batch);
            }, mayRest: true);
        }
        else if (id.IsPresent)
        {
            throw new RpcException(RpcErrorCodes.MethodNotFound, $"There is no method {message.MethodName()}.");
        }
    }

    /// <summary>In its turn, so that it overtakes no request that came before it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="batch">What its answer belongs to.</param>
    /// <param name="run">Does it.</param>
    /// <param name="mayRest">Whether it may take as long as a sequence has nothing to say, and so must not count among what is under way.</param>
    private void Add(in RpcMessage message, BatchReply? batch, Func<Task> run, bool mayRest = false)
    {
        var item = new ControlItem(this, message.MethodName(), message.Id, batch, run, mayRest);
        if (!inbox.TryAdd(item))
        {
            throw new RpcException(RpcErrorCodes.ServerBusy, "Too many requests are waiting.");
        }
    }

    private void Add(in RpcMessage message, BatchReply? batch, Action run) => Add(message, batch, () =>
    {
        run();
        return Task.CompletedTask;
    });

    private async Task IntroducedAsync(RequestId id, PeerIdentity identity, BatchReply? batch)
    {
        var own = await connection.Context.OnIntroduced(connection, identity, CancellationToken.None);
        Reply(id, writer => IdentityCodec.Write(writer, own), batch);
    }

    private async Task NextAsync(RequestId id, long token, LocalSequence sequence, BatchReply? batch)
    {
        if (!sequence.TryAsk())
        {
            // Each would wait for as long as the sequence rests, and nothing bounds how many there are.
            throw new RpcException(RpcErrorCodes.InvalidRequest, $"The next values of sequence {token} have been asked for already.");
        }

        try
        {
            var values = await sequence.NextAsync(connection, CancellationToken.None);

            // Who has the answer may ask again before this thread goes on.
            sequence.OnAnswered();
            Reply(
                id,
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WritePropertyName("values"u8);
                    values.WriteValues(writer);
                    writer.WriteBoolean("finished"u8, values.IsFinished);
                    writer.WriteEndObject();
                },
                batch);
            if (values.IsFinished)
            {
                await connection.Sequences.EndAsync(token);
            }
        }
        catch
        {
            // Reading on after an error is not possible, so nobody will end it.
            await connection.Sequences.EndAsync(token);
            throw;
        }
    }

    /// <summary>Answers null: whoever gives an id gets an answer, even to what is usually a notification.</summary>
    private void Confirm(in RequestId id, BatchReply? batch) => Reply(id, static writer => writer.WriteNullValue(), batch);

    private void Reply(in RequestId id, Action<Utf8JsonWriter> write, BatchReply? batch)
    {
        if (!id.IsPresent)
        {
            return;
        }

        var message = connection.Context.Messages.Get();
        try
        {
            message.BeginResult(id);
            write(message.Json);
            message.End();
            connection.Context.MessageLimit.CheckResult(message, "a sequence (its next values)");
        }
        catch
        {
            connection.Context.Messages.Return(message);
            throw;
        }

        connection.Reply(message, batch);
    }

    private void Fail(string method, in RequestId id, Exception exception, BatchReply? batch)
    {
        if (!id.IsPresent)
        {
            connection.Context.Logger.NotificationIgnored(method, connection.RemoteAddress, exception.Message);
            return;
        }

        var error = exception switch
        {
            RpcException known => known,
            JsonException or KeyNotFoundException or FormatException => new RpcException(RpcErrorCodes.InvalidParams, $"The parameters of {method} do not fit."),
            OperationCanceledException => new RpcException(RpcErrorCodes.RequestCancelled, "The request was cancelled."),
            _ => connection.Context.FailureOf(exception, method),
        };
        connection.ReplyError(id, error, batch);
    }

    private JsonElement Parameter(in RpcMessage message, ReadOnlySpan<byte> name, int position)
    {
        if (message.Content.IsEmpty)
        {
            throw new JsonException("There are no parameters.");
        }

        var reader = new Utf8JsonReader(message.Content, new JsonReaderOptions { MaxDepth = _maxDepth });
        var parameters = JsonElement.ParseValue(ref reader);
        return parameters.ValueKind switch
        {
            JsonValueKind.Object => parameters.GetProperty(name),
            JsonValueKind.Array when position < parameters.GetArrayLength() => parameters[position],
            _ => throw new JsonException("A parameter is missing."),
        };
    }

    private sealed class ControlItem(ControlMessages owner, string method, RequestId id, BatchReply? batch, Func<Task> run, bool mayRest) : InboxItem
    {
        public override void Run() => _ = RunAsync();

        private async Task RunAsync()
        {
            var isUnderWay = true;
            try
            {
                var running = run();
                if (mayRest && !running.IsCompleted)
                {
                    isUnderWay = false;
                    owner.OnDone();
                }

                await running;
            }
            catch (Exception e)
            {
                owner.Fail(method, id, e, batch);
            }
            finally
            {
                if (isUnderWay)
                {
                    owner.OnDone();
                }
            }
        }
    }

    private void OnDone() => connection.OnRequestDone();
}
