using System.Buffers;
using Starling.Documents.Hosting;
using Starling.Documents.Json;
using Starling.Documents.Middleware;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>Submitting: the action op. One for each client; thread-safe.</summary>
internal sealed class SubmitRequests(ShareDbAgent agent, DocumentRequests documents)
{
    private const long MaxSafeInteger = 9_007_199_254_740_991;

    private ShareDbServer Server => agent.Server;

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
            await Server.Access.DemandAsync(agent.Session, name.Collection, submission.Key.Id, kind, agent.Closed);
        }

        if (!Server.Documents.Middleware.Submit.IsEmpty)
        {
            await Server.Documents.Middleware.Submit.RunAsync(new SubmitContext(submission), agent.Closed);
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Server.Engine.Submit(submission, completed =>
        {
            if (IsSimple)
            {
                // At once, on the document's loop, so that the client hears of its operation before it hears of later ones.
                AnswerNow(request, name, completed);
                done.SetResult();
            }
            else
            {
                _ = AnswerLaterAsync(request, name, completed, done);
            }
        });
        await done.Task;
    }

    private bool IsSimple => Server.Documents.Middleware is
    {
        AfterWrite.IsEmpty: true, Operation.IsEmpty: true, Reply.IsEmpty: true,
    };

    private void AnswerNow(ShareDbRequest request, CollectionName name, Submission.Submission submission)
    {
        try
        {
            if (submission.Refusal is { } refusal)
            {
                agent.Refuse(request, refusal);
                return;
            }

            foreach (var missed in Missed(name, submission.Outcome!))
            {
                documents.Send(name, missed);
            }

            agent.Send(MessageWriter.Answer(request, new Reply(Acknowledgement(request, submission.Outcome!.Operation))).Span);
        }
        catch (Exception exception)
        {
            agent.RefuseFailed(request, exception);
        }
    }

    // What the subscription has brought the client already need not be sent again.
    private IEnumerable<CommittedOperation> Missed(CollectionName name, SubmissionOutcome outcome) =>
        outcome.Missed.Where(missed => !documents.WasSent(name, missed.Key.Id, missed.Version));

    private async Task AnswerLaterAsync(
        ShareDbRequest request, CollectionName name, Submission.Submission submission, TaskCompletionSource done)
    {
        try
        {
            await AnswerAsync(request, name, submission);
        }
        catch (DocumentException refusal)
        {
            agent.Refuse(request, refusal);
        }
        catch (Exception exception)
        {
            agent.RefuseFailed(request, exception);
        }

        done.SetResult();
    }

    private async ValueTask AnswerAsync(ShareDbRequest request, CollectionName name, Submission.Submission submission)
    {
        if (submission.Refusal is { } refusal)
        {
            agent.Refuse(request, refusal);
            return;
        }

        var outcome = submission.Outcome!;
        if (outcome.State is { } state && Server.Documents.Middleware.AfterWrite is { IsEmpty: false } stage)
        {
            await stage.RunAsync(new AfterWriteContext(submission.Request, state, outcome.Operation), agent.Closed);
        }

        foreach (var missed in Missed(name, outcome))
        {
            await documents.SendAsync(name, missed);
        }

        await agent.ReplyAsync(request, new Reply(Acknowledgement(request, outcome.Operation)));
    }

    private ReadOnlyMemory<byte> Acknowledgement(ShareDbRequest request, DocumentOperation operation)
    {
        var output = new ArrayBufferWriter<byte>(96);
        output.Raw(",\"src\":"u8);
        if (request.Has("src"))
        {
            output.Raw(request["src"].Span);
        }
        else
        {
            output.Text(agent.Identity.FindSecret(operation.Id.Source) ?? operation.Id.Source);
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

        return output.WrittenMemory;
    }

    private SubmissionRequest Read(ShareDbRequest request, CollectionName name)
    {
        var (kind, type, data) = ReadChange(request);
        return new SubmissionRequest
        {
            Session = agent.Session,
            Key = name.Key(request.Document),
            Projection = name.Projection,
            Id = ReadId(request),
            MayBeResent = request.Has("src"),
            BaseVersion = request.Version,
            Kind = kind,
            Type = type,
            Data = data,
            Extra = request["x"],
            UnderstandsNoOpRefusal = agent.UnderstandsNoOpRefusal,
        };
    }

    private OperationId ReadId(ShareDbRequest request)
    {
        if (!request.Has("seq"))
        {
            throw BadlyFormed("Both src and seq must be set together");
        }

        var sequence = JsonSlices.GetInteger(request["seq"]);
        if (sequence is null or < 0)
        {
            throw ShareDbRequest.BadlyFormed("Invalid seq");
        }

        if (sequence >= MaxSafeInteger)
        {
            throw new DocumentException(
                DocumentErrors.SequenceOverflow, "Connection seq has exceeded the max safe integer, maybe from being open for too long");
        }

        if (!request.Has("src"))
        {
            return new OperationId(agent.Session.Source, sequence.Value);
        }

        var source = JsonSlices.GetString(request["src"]) ?? throw BadlyFormed("src must be a string");
        return new OperationId(agent.Identity.Verify(source), sequence.Value);
    }

    private static (OperationKind Kind, string? Type, ReadOnlyMemory<byte> Data) ReadChange(ShareDbRequest request)
    {
        if (request.IsGiven("op"))
        {
            return (OperationKind.Edit, null, request["op"]);
        }

        if (request.Has("create"))
        {
            return ReadCreation(request["create"]);
        }

        if (!request.Has("del"))
        {
            throw ShareDbRequest.BadlyFormed("Invalid op message");
        }

        return request["del"].Span.SequenceEqual("true"u8)
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
