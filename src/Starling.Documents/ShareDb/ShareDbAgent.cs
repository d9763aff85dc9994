using Starling.Documents.Diagnostics;
using Starling.Documents.Json;
using Starling.Documents.Middleware;
using Starling.Documents.Subscriptions;
using Starling.Protocol.WebSockets;
using Starling.Server.Transports.WebSockets;

namespace Starling.Documents.ShareDb;

/// <summary>One connected client: takes its messages, has them handled, and sends the answers.</summary>
/// <remarks>
/// Life time: that of the WebSocket. Messages are begun in the order of their arrival and finish as they may, at most
/// <see cref="ShareDbOptions.MaxConcurrentRequests"/> at a time; a client that sends more waits, and so does one that submits operations
/// too quickly. Answers and operations are sent by whichever thread has them.
/// </remarks>
internal sealed class ShareDbAgent : IWebSocketHandler
{
    /// <summary>From how many bytes on an answer is large.</summary>
    public const int LargeAnswer = 64 * 1024;

    // As much work as an ordinary operation is.
    private const int FreeTransformSteps = 1000;

    private readonly WebSocketConnection _connection;
    private readonly Action<ShareDbAgent> _ended;
    private readonly RequestSlots _slots;
    private readonly SemaphoreSlim _largeAnswers = new(1);
    private readonly RateLimit _requests;
    private readonly RateLimit _operations;
    private readonly CancellationTokenSource _closed = new();
    private readonly DocumentRequests _documents;
    private readonly HistoryRequests _history;
    private readonly SubmitRequests _submissions;
    private readonly QueryRequests _queries;
    private readonly PresenceRequests _presence;

    public ShareDbAgent(
        ShareDbServer server, SourceIds sources, WebSocketConnection connection, DocumentSession session, string id,
        Action<ShareDbAgent> ended)
    {
        Server = server;
        Session = session;
        Identity = new ClientIdentity(sources, session, id);
        _connection = connection;
        _ended = ended;
        Backlog = new OperationBacklog(server.Options.WebSocket.MaxSendQueueBytes, OnBehind);
        _slots = new RequestSlots(server.Options.MaxConcurrentRequests, server.Options.MaxConcurrentRequestBytes);
        _requests = new RateLimit(server.Options.MaxRequestsPerSecond, server.Time);
        _operations = new RateLimit(server.Options.MaxOperationsPerSecond, server.Time);
        _documents = new DocumentRequests(this);
        _history = new HistoryRequests(this, _documents);
        _submissions = new SubmitRequests(this, _documents);
        _queries = new QueryRequests(this, _documents);
        _presence = new PresenceRequests(this);
    }

    public ShareDbServer Server { get; }

    public DocumentSession Session { get; }

    public ClientIdentity Identity { get; }

    /// <summary>The operations that wait until they can be sent.</summary>
    public OperationBacklog Backlog { get; }

    /// <summary>Whether the client understands that an operation which became a no-op is refused (protocol 1.2).</summary>
    public bool UnderstandsNoOpRefusal { get; private set; }

    public CancellationToken Closed => _closed.Token;

    /// <summary>Tells the client who it is, before anything is read; old clients start from this alone.</summary>
    public void Open()
    {
        Server.Metrics.ClientConnected();
        Server.Log.ClientConnected(Session.Source);
        Send(MessageWriter.Handshake("init", Identity.Id).Span);
    }

    public async ValueTask OnMessageAsync(Message message)
    {
        // The bytes are the connection's; operations live longer.
        var request = message.Opcode == Opcode.Text ? ShareDbRequest.Read(message.Payload.ToArray()) : null;
        if (request is null)
        {
            Server.Log.InvalidMessage(Session.Source, "Received non-object message");
            _connection.Close(CloseCode.PolicyViolation, "Received non-object message");
            return;
        }

        // Operations have a rate of their own, since most of a client's requests are operations.
        if ((request.Action == "op" ? _operations : _requests).Take() is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, Server.Time, Closed);
        }

        await _slots.EnterAsync(request.Bytes.Length, Closed);
        _ = HandleAsync(request);
    }

    /// <summary>Answers a request that is larger than messages may be from its beginning, so that the client does not send it again and again.</summary>
    public ValueTask OnOversizedAsync(Message head)
    {
        if (head.Opcode == Opcode.Text && OversizedRequest.TryRead(head.Payload.Span, out var request))
        {
            Send(MessageWriter.Refusal(
                request, DocumentErrors.OperationTooLarge,
                $"The message has more than {Server.Options.WebSocket.MaxMessageBytes} bytes; an operation may have {Server.Documents.MaxOperationBytes}").Span);
        }
        else
        {
            _connection.Close(CloseCode.MessageTooBig);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Waits until no other large answer of this client is prepared or waits for it, so that a client cannot make the server hold several.
    /// The caller disposes the result when the answer is sent.
    /// </summary>
    public async ValueTask<LargeAnswerTurn> TakeTurnAsync()
    {
        await _largeAnswers.WaitAsync(Closed);
        return new LargeAnswerTurn(_largeAnswers);
    }

    /// <exception cref="DocumentException">The answer would not fit into the send queue, and the client would be disconnected for it.</exception>
    public void CheckAnswer(long bytes)
    {
        if (bytes > Server.Options.WebSocket.MaxSendQueueBytes)
        {
            throw new DocumentException(
                DocumentErrors.AnswerTooLarge,
                $"The answer has more than {Server.Options.WebSocket.MaxSendQueueBytes} bytes. Ask for fewer documents at a time");
        }
    }

    /// <summary>Notes how much work an operation was, so that a client whose operations are expensive may submit fewer of them.</summary>
    public void Charge(long transformSteps)
    {
        if (transformSteps > FreeTransformSteps)
        {
            _operations.Take(transformSteps / (double)FreeTransformSteps);
        }
    }

    public bool Send(ReadOnlySpan<byte> message) => _connection.Send(message);

    public ValueTask WaitForRoomAsync() => _connection.WaitForRoomAsync(Closed);

    /// <summary>Answers a request, by way of the application.</summary>
    public async ValueTask ReplyAsync(ShareDbRequest request, Reply reply)
    {
        var answer = MessageWriter.Answer(request, reply);
        var stage = Server.Documents.Middleware.Reply;
        if (!stage.IsEmpty)
        {
            var context = new ReplyContext(Session, request.Bytes, answer);
            await stage.RunAsync(context, Closed);
            answer = context.Reply;
        }

        CheckAnswer(answer.Length);
        if (answer.Length > LargeAnswer)
        {
            // Several of them must not fill the queue of a client that only just keeps up.
            await WaitForRoomAsync();
        }

        Send(answer.Span);
        reply.Sent?.Invoke();
    }

    public void Refuse(ShareDbRequest request, DocumentException refusal) =>
        Send(MessageWriter.Refusal(request.Bytes, refusal.Code, refusal.Message).Span);

    public void RefuseFailed(ShareDbRequest request, Exception exception)
    {
        Server.Log.RequestFailed(exception, request.Action, Session.Source);
        Send(MessageWriter.Refusal(request.Bytes, DocumentErrors.Unknown, "The server failed to handle the request").Span);
    }

    public void OnSlowClient()
    {
        Server.Log.SlowClient(Session.Source);
        _connection.Abort();
    }

    // The client subscribes again from its version on when it reconnects.
    private void OnBehind()
    {
        Server.Log.ClientBehind(Session.Source, Server.Options.WebSocket.MaxSendQueueBytes);
        _connection.Close(CloseCode.TryAgainLater, "Too many operations wait for this client; reconnect");
    }

    public void OnClosed(WebSocketEnd end)
    {
        _closed.Cancel();
        _documents.Close();
        _queries.Close();
        _presence.Close();
        _ended(this);
        Server.Metrics.ClientDisconnected();
        Server.Log.ClientDisconnected(Session.Source);
    }

    public void GoAway() => _connection.Close(CloseCode.GoingAway, "The server is shutting down");

    /// <summary>A request that is answered later has been.</summary>
    public void Finish(ShareDbRequest request) => _slots.Leave(request.Bytes.Length);

    private async Task HandleAsync(ShareDbRequest request)
    {
        var isAnsweredLater = false;
        try
        {
            Server.Metrics.Requested(request.Action is { Length: > 0 and <= 2 } action ? action : "unknown");
            if (!Server.Documents.Middleware.Receive.IsEmpty)
            {
                await Server.Documents.Middleware.Receive.RunAsync(new ReceiveContext(Session, request.Action, request.Bytes), Closed);
            }

            request.Check(Server.Options.MaxNameBytes);
            if (request.Action == "op")
            {
                await _submissions.SubmitAsync(request);
                isAnsweredLater = true;
            }
            else
            {
                await DispatchAsync(request);
            }
        }
        catch (DocumentException refusal)
        {
            Refuse(request, refusal);
        }
        catch (OperationCanceledException) when (Closed.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (Exception exception)
        {
            RefuseFailed(request, exception);
        }
        finally
        {
            if (!isAnsweredLater)
            {
                Finish(request);
            }
        }
    }

    private ValueTask DispatchAsync(ShareDbRequest request) => request.Action switch
    {
        "hs" => HandshakeAsync(request),
        "f" => _documents.FetchAsync(request),
        "s" => _documents.SubscribeAsync(request),
        "u" => _documents.UnsubscribeAsync(request),
        "bf" => _documents.FetchBulkAsync(request),
        "bs" => _documents.SubscribeBulkAsync(request),
        "bu" => _documents.UnsubscribeBulkAsync(request),
        "nf" => _history.FetchVersionAsync(request),
        "nt" => _history.FetchTimeAsync(request),
        "qf" => _queries.FetchAsync(request),
        "qs" => _queries.SubscribeAsync(request),
        "qu" => _queries.UnsubscribeAsync(request),
        "p" => _presence.UpdateAsync(request),
        "ps" => _presence.SubscribeAsync(request),
        "pu" => _presence.UnsubscribeAsync(request),
        "pr" => _presence.RequestAsync(request),
        "pp" => ReplyAsync(request, default),
        _ => throw ShareDbRequest.BadlyFormed("Invalid or unknown message"),
    };

    private ValueTask HandshakeAsync(ShareDbRequest request)
    {
        if (JsonSlices.GetString(request["id"u8]) is { Length: > 0 } id && id.Length <= Server.Options.MaxNameBytes)
        {
            Identity.TryReclaim(id);
            _presence.Return(id);
        }

        var (major, minor) = (ProtocolNumber(request["protocol"u8]), ProtocolNumber(request["protocolMinor"u8]));
        UnderstandsNoOpRefusal = major > 1 || (major == 1 && minor >= 2);

        // Not by way of Answer: the id of the reply is the client's new one, not the one that it sent.
        Send(MessageWriter.Handshake("hs", Identity.Id).Span);
        return ValueTask.CompletedTask;
    }

    private static double ProtocolNumber(ReadOnlyMemory<byte> value) =>
        double.TryParse(
            JsonSlices.GetString(value) ?? System.Text.Encoding.UTF8.GetString(value.Span),
            System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
}
