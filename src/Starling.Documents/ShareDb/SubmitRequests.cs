using System.Buffers;
using Starling.Documents.Hosting;
using Starling.Documents.Json;
using Starling.Documents.Middleware;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;
using Starling.Protocol.Buffers;

namespace Starling.Documents.ShareDb;

/// <summary>Submitting: the action op. One for each client; thread-safe.</summary>
internal sealed class SubmitRequests
{
    private const long MaxSafeInteger = 9_007_199_254_740_991;

    private readonly ShareDbAgent _agent;
    private readonly DocumentRequests _documents;
    private readonly Action<Submission.Submission> _completed;

    public SubmitRequests(ShareDbAgent agent, DocumentRequests documents)
    {
        (_agent, _documents) = (agent, documents);
        _completed = OnCompleted;
    }

    private ShareDbServer Server => _agent.Server;

    /// <summary>Hands in the operation of a request. When this returns without an exception the request is answered, and finished, later.</summary>
    public async ValueTask SubmitAsync(ShareDbRequest request)
    {
        var name = Server.Resolve(request.Collection);
        var submission = Read(request, name);
        if (!Server.Access.IsOpen)
        {
            var kind = submission.Kind switch
            {
                OperationKind.Create => AccessKind.Create,
                OperationKind.Delete => AccessKind.Delete,
                _ => AccessKind.Edit,
            };
            await Server.Access.DemandAsync(_agent.Session, name.Collection, submission.Key.Id, kind, _agent.Closed);

            // A change may bring its sender what others did, and a refusal what there is.
            submission = submission with
            {
                MayRead = await Server.Access.AllowsAsync(_agent.Session, name.Collection, submission.Key.Id, AccessKind.Read, _agent.Closed),
            };
        }

        if (!Server.Documents.Middleware.Submit.IsEmpty)
        {
            await Server.Documents.Middleware.Submit.RunAsync(new SubmitContext(submission), _agent.Closed);
        }

        Server.Engine.Submit(submission, _completed, runHere: true);
    }

    private bool IsSimple => Server.Documents.Middleware is
    {
        AfterWrite.IsEmpty: true, Operation.IsEmpty: true, Reply.IsEmpty: true,
    };

    private void OnCompleted(Submission.Submission submission)
    {
        var request = (ClientSubmission)submission.Request;
        _agent.Charge(submission.TransformSteps);
        if (IsSimple)
        {
            // At once, on the document's loop, so that the client hears of its operation before it hears of later ones.
            AnswerNow(request, submission);
            _agent.Finish(request.Message);
        }
        else
        {
            _ = AnswerLaterAsync(request, submission);
        }
    }

    private void AnswerNow(ClientSubmission request, Submission.Submission submission)
    {
        try
        {
            if (submission.Refusal is { } refusal)
            {
                Refuse(request, refusal);
                return;
            }

            var outcome = submission.Outcome!;
            for (var i = 0; i < outcome.Missed.Count; i++)
            {
                if (IsMissing(request, outcome.Missed[i]))
                {
                    _documents.Send(request.Collection, outcome.Missed[i]);
                }
            }

            using var output = new PooledBuffer();
            MessageWriter.BeginAnswer(output, request.Message);
            WriteAcknowledgement(output, request.Message, outcome.Operation);
            MessageWriter.EndAnswer(output, request.Message, hasData: false);
            _agent.Send(output.Written);
        }
        catch (Exception exception)
        {
            _agent.RefuseFailed(request.Message, exception);
        }
    }

    // What the subscription has brought the client already need not be sent again.
    private bool IsMissing(ClientSubmission request, CommittedOperation operation) =>
        request.MayRead && !_documents.WasSent(request.Collection, operation.Key.Id, operation.Version);

    private void Refuse(ClientSubmission request, DocumentException refusal)
    {
        // What a type says of an operation that does not fit may quote the document.
        _agent.Refuse(request.Message, request.MayRead || refusal.Code != DocumentErrors.OperationNotApplied
            ? refusal : new DocumentException(refusal.Code, "The operation does not fit the document"));
    }

    private async Task AnswerLaterAsync(ClientSubmission request, Submission.Submission submission)
    {
        try
        {
            await AnswerAsync(request, submission);
        }
        catch (DocumentException refusal)
        {
            _agent.Refuse(request.Message, refusal);
        }
        catch (Exception exception)
        {
            _agent.RefuseFailed(request.Message, exception);
        }

        _agent.Finish(request.Message);
    }

    private async ValueTask AnswerAsync(ClientSubmission request, Submission.Submission submission)
    {
        if (submission.Refusal is { } refusal)
        {
            Refuse(request, refusal);
            return;
        }

        var outcome = submission.Outcome!;
        if (outcome.State is { } state && Server.Documents.Middleware.AfterWrite is { IsEmpty: false } stage)
        {
            await stage.RunAsync(new AfterWriteContext(request, state, outcome.Operation), _agent.Closed);
        }

        foreach (var missed in outcome.Missed)
        {
            if (IsMissing(request, missed))
            {
                await _documents.SendAsync(request.Collection, missed);
            }
        }

        var acknowledgement = new ArrayBufferWriter<byte>(96);
        WriteAcknowledgement(acknowledgement, request.Message, outcome.Operation);
        await _agent.ReplyAsync(request.Message, new Reply(acknowledgement.WrittenMemory));
    }

    private void WriteAcknowledgement(IBufferWriter<byte> output, ShareDbRequest request, DocumentOperation operation)
    {
        output.Raw(",\"src\":"u8);
        if (request.Has("src"u8))
        {
            output.Raw(request["src"u8].Span);
        }
        else
        {
            output.Text(_agent.Identity.FindSecret(operation.Id.Source) ?? operation.Id.Source);
        }

        output.Raw(",\"seq\":"u8);
        output.Number(operation.Id.Sequence);
        output.Raw(",\"v\":"u8);
        output.Number(operation.Version);
        if (!operation.Fixups.IsEmpty)
        {
            output.Raw(",\"fixup\":"u8);
            output.Raw(operation.Fixups.Span);
        }
    }

    private ClientSubmission Read(ShareDbRequest request, CollectionName name)
    {
        var (kind, type, data) = ReadChange(request);
        return new ClientSubmission
        {
            Message = request,
            Collection = name,
            Session = _agent.Session,
            Key = name.Key(request.Document),
            Projection = name.Projection,
            Id = ReadId(request),
            MayBeResent = request.Has("src"u8),
            BaseVersion = request.Version,
            Kind = kind,
            Type = type,
            Data = data,
            Extra = request["x"u8],
            UnderstandsNoOpRefusal = _agent.UnderstandsNoOpRefusal,
        };
    }

    private OperationId ReadId(ShareDbRequest request)
    {
        if (!request.Has("seq"u8))
        {
            throw BadlyFormed("Both src and seq must be set together");
        }

        var sequence = JsonSlices.GetInteger(request["seq"u8]);
        if (sequence is null or < 0)
        {
            throw ShareDbRequest.BadlyFormed("Invalid seq");
        }

        if (sequence >= MaxSafeInteger)
        {
            throw new DocumentException(
                DocumentErrors.SequenceOverflow, "Connection seq has exceeded the max safe integer, maybe from being open for too long");
        }

        if (!request.Has("src"u8))
        {
            return new OperationId(_agent.Session.Source, sequence.Value);
        }

        var source = JsonSlices.GetString(request["src"u8]) ?? throw BadlyFormed("src must be a string");
        return new OperationId(_agent.Identity.Verify(source), sequence.Value);
    }

    private static (OperationKind Kind, string? Type, ReadOnlyMemory<byte> Data) ReadChange(ShareDbRequest request)
    {
        if (request.IsGiven("op"u8))
        {
            return (OperationKind.Edit, null, request["op"u8]);
        }

        if (request.Has("create"u8))
        {
            return ReadCreation(request["create"u8]);
        }

        if (!request.Has("del"u8))
        {
            throw ShareDbRequest.BadlyFormed("Invalid op message");
        }

        return request["del"u8].Span.SequenceEqual("true"u8)
            ? (OperationKind.Delete, null, default)
            : throw BadlyFormed("del value must be true");
    }

    private static (OperationKind Kind, string? Type, ReadOnlyMemory<byte> Data) ReadCreation(ReadOnlyMemory<byte> create)
    {
        if (!JsonSlices.IsObject(create))
        {
            throw BadlyFormed("Create data must be an object");
        }

        string? type = null;
        ReadOnlyMemory<byte> data = default;
        JsonSlices.ReadObject(create, (field, value) =>
        {
            type = field == "type" ? JsonSlices.GetString(value) : type;
            data = field == "data" ? value : data;
        });
        return type is null ? throw BadlyFormed("Missing create type") : (OperationKind.Create, type, data);
    }

    private static DocumentException BadlyFormed(string message) => new(DocumentErrors.OperationBadlyFormed, message);
}
