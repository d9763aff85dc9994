using Starling.Documents.Hosting;
using Starling.Documents.Middleware;
using Starling.Documents.Storage;
using Starling.Ot;

namespace Starling.Documents.Submission;

/// <summary>
/// One submission on its way into a document. Its methods are the steps in their order; what stops it is a named refusal. An attempt that
/// lost the race for a version starts anew from the request, so that nothing of the lost one is left.
/// </summary>
/// <remarks>Owner: the document's loop, from the time it is posted until it is completed.</remarks>
internal sealed class Submission(
    SubmissionRequest request, DocumentTypes types, DocumentsOptions options, TimeProvider time, Action<Submission> completed) : DocumentWork
{
    private const string Json0 = "http://sharejs.org/types/JSONv0";
    private const long MaxMissedBytes = 32 * 1024 * 1024;

    private List<CommittedOperation>? _missed;
    private List<ReadOnlyMemory<byte>>? _fixups;
    private IOtType? _type;
    private IOtOperation? _operation;
    private IOtSnapshot? _created;
    private ReadOnlyMemory<byte> _data;
    private bool _isAcknowledged;
    private long _version;
    private long _time;

    public SubmissionRequest Request { get; } = request;

    /// <summary>Set when it is completed and was not refused.</summary>
    public SubmissionOutcome? Outcome { get; private set; }

    /// <summary>Set when it was refused.</summary>
    public DocumentException? Refusal { get; private set; }

    public int Retries { get; private set; }

    /// <summary>About how many steps its transformation has taken, all attempts together.</summary>
    public long TransformSteps { get; private set; }

    private OperationKind Kind => Request.Kind;

    /// <summary>Brings the operation to the end of the working copy, or notes why not.</summary>
    public async ValueTask PrepareAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        Reset();
        try
        {
            Check();
            if (await FindEarlierAsync(copy, cancellationToken) is { } earlier)
            {
                Outcome = new SubmissionOutcome(earlier, null, await MissedBeforeAsync(copy, earlier, cancellationToken));
                return;
            }

            Load(copy.State);
            if (await TransformAsync(copy, cancellationToken) is { } same)
            {
                Outcome = new SubmissionOutcome(same, null, _missed ?? []);
                return;
            }

            CheckProjection(copy.State);
            await ApplyAsync(copy, cancellationToken);
        }
        catch (DocumentException refusal)
        {
            Refusal = refusal;
        }
        catch (OtException exception)
        {
            Refusal = new DocumentException(DocumentErrors.OperationNotApplied, exception.Message, exception);
        }
    }

    /// <summary>Prepares another attempt after a lost race.</summary>
    public void Retry()
    {
        Retries++;
        Outcome = null;
        Refusal = options.MaxSubmitRetries is { } most && Retries > most
            ? new DocumentException(
                DocumentErrors.MaxRetriesExceeded, $"Op submit failed. Exceeded max submit retries of {most}")
            : null;
    }

    // One that was made on a version that is known here is safe on what is known here: the store refuses what is too old, and then it is read.
    public override bool NeedsNewest(long version) => !(Request.BaseVersion <= version);

    public override void Fail(Exception exception)
    {
        Refuse(exception as DocumentException
            ?? new DocumentException(DocumentErrors.StoreFailed, "The document could not be loaded or stored", exception));
        Acknowledge();
    }

    public void Refuse(DocumentException refusal)
    {
        Outcome = null;
        Refusal = refusal;
    }

    /// <summary>Tells the sender what became of it, once.</summary>
    public void Acknowledge()
    {
        if (!_isAcknowledged)
        {
            _isAcknowledged = true;
            completed(this);
        }
    }

    private void Reset()
    {
        _missed = null;
        _fixups = null;
        _operation = null;
        _created = null;
        _data = default;
        Outcome = null;
        Refusal = null;
    }

    private void Check()
    {
        if (Request.Data.Length > options.MaxOperationBytes)
        {
            throw new DocumentException(
                DocumentErrors.OperationTooLarge, $"The operation has {Request.Data.Length} bytes; {options.MaxOperationBytes} are allowed");
        }

        _type = Kind == OperationKind.Create ? types.Get(Request.Type!) : null;
    }

    // What this batch appends is looked at always; the store only where it may have the operation, since it refuses what it has.
    private async ValueTask<DocumentOperation?> FindEarlierAsync(WorkingCopy copy, CancellationToken cancellationToken) =>
        copy.FindAppended(Request.Id)
        ?? (Request.MayBeResent || Retries > 0 || (Request.BaseVersion is null && Kind == OperationKind.Create && copy.State.Type is not null)
            ? await copy.FindStoredAsync(Request.Id, cancellationToken) : null);

    // The sender gets what came before its operation ahead of the acknowledgement, as if that had not been lost; as far as it is kept.
    private async ValueTask<IReadOnlyList<CommittedOperation>> MissedBeforeAsync(
        WorkingCopy copy, DocumentOperation earlier, CancellationToken cancellationToken)
    {
        if (!(Request.BaseVersion < earlier.Version))
        {
            return [];
        }

        try
        {
            var missed = new List<CommittedOperation>();
            for (long version = Request.BaseVersion.Value, bytes = 0; version < earlier.Version; version = missed[^1].Version + 1)
            {
                foreach (var operation in await copy.ReadAsync(version, cancellationToken))
                {
                    if (operation.Version < earlier.Version)
                    {
                        CheckBehind(bytes += operation.Size);
                        missed.Add(operation);
                    }
                }
            }

            return missed;
        }
        catch (DocumentException)
        {
            return [];
        }
    }

    private void Load(DocumentState state)
    {
        if (Kind == OperationKind.Edit && state.Type is { Uri: Json0 })
        {
            Json0Form.Check(Request.Data);
        }

        if (Request.BaseVersion is null && Kind == OperationKind.Create && state.Type is not null)
        {
            throw new DocumentException(DocumentErrors.AlreadyCreated, "Invalid op submitted. Document already created");
        }

        // A clock that was set back must not make the log's times go backwards, since the history is searched by them.
        _time = Math.Max(time.GetUtcNow().ToUnixTimeMilliseconds(), state.ModifiedTime);
        _version = Request.BaseVersion ?? state.Version;
        if (_version > state.Version)
        {
            throw new DocumentException(
                DocumentErrors.VersionTooNew, "Invalid op submitted. Op version newer than current snapshot");
        }
    }

    /// <summary>Carries the operation over those committed since its base version; returns one of them if it is the same.</summary>
    private async ValueTask<DocumentOperation?> TransformAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        if (_version == copy.State.Version)
        {
            return null;
        }

        var bytes = 0L;
        while (_version < copy.State.Version)
        {
            foreach (var other in await copy.ReadAsync(_version, cancellationToken))
            {
                if (other.Operation.Id == Request.Id)
                {
                    return other.Operation;
                }

                TransformOver(other, copy.State);
                CheckBehind(bytes += other.Size);
                _version++;
                (_missed ??= []).Add(other);
            }
        }

        if (_operation is { IsNoOp: true } && options.RefuseNoOps && Request.UnderstandsNoOpRefusal)
        {
            throw new DocumentException(DocumentErrors.NoOp, "Op is a no-op. Skipping apply.");
        }

        return null;
    }

    private void TransformOver(CommittedOperation other, DocumentState state)
    {
        switch (other.Operation.Kind)
        {
            case OperationKind.Delete when Kind != OperationKind.Delete:
                throw new DocumentException(DocumentErrors.WasDeleted, "Document was deleted");
            case OperationKind.Create:
            case OperationKind.Edit when Kind == OperationKind.Create:
                throw new DocumentException(DocumentErrors.AlreadyCreated, "Document was created remotely");
            case OperationKind.Edit when Kind == OperationKind.Edit && state.Type is { } type:
                var (mine, theirs) = (Parse(type), other.Parse(type));
                CountSteps(type.TransformCost(mine, theirs));
                _operation = type.Transform(mine, theirs, OtSide.Left);
                break;
        }
    }

    // The sender gets what it missed together with its acknowledgement, so all of it is in memory.
    private void CheckBehind(long bytes)
    {
        if (bytes > MaxMissedBytes)
        {
            throw new DocumentException(
                DocumentErrors.OperationTooLarge,
                $"The operation is on version {Request.BaseVersion}, since which operations of more than {MaxMissedBytes} bytes were committed. Fetch "
                + "the document and submit the operation on its newest version");
        }
    }

    private void CountSteps(long steps)
    {
        TransformSteps += steps;
        if (TransformSteps > options.MaxTransformSteps)
        {
            throw new DocumentException(
                DocumentErrors.OperationTooLarge,
                $"The operation is on version {Request.BaseVersion} and has too many parts to be carried over what was done since: more than "
                + $"{options.MaxTransformSteps} steps. Fetch the document and submit smaller operations");
        }
    }

    private void CheckProjection(DocumentState state)
    {
        if (Request.Projection is { } projection && !projection.Allows(Kind, _type ?? state.Type, _operation, Request.Data))
        {
            throw new DocumentException(
                DocumentErrors.NotAllowedInProjection, "Invalid op submitted. Operation invalid in projected collection");
        }
    }

    private async ValueTask ApplyAsync(WorkingCopy copy, CancellationToken cancellationToken)
    {
        var before = copy.State;
        if (Kind == OperationKind.Edit && before.Type is { } type)
        {
            Parse(type);
        }
        else if (Kind == OperationKind.Create)
        {
            _created = _type!.ReadSubmittedSnapshot(Request.Data.Span);
        }

        if (!options.Middleware.Apply.IsEmpty)
        {
            await options.Middleware.Apply.RunAsync(new ApplyContext(Request, before, Describe(before, null), fixup => FixUp(before, fixup)), cancellationToken);
        }

        var after = Apply(before);
        var operation = Describe(before, after);
        var milestone = options.MilestoneInterval > 0 && after.Version % options.MilestoneInterval == 0;
        if (!options.Middleware.Commit.IsEmpty)
        {
            var context = new CommitContext(Request, after, operation) { SaveMilestone = milestone };
            await options.Middleware.Commit.RunAsync(context, cancellationToken);
            milestone = context.SaveMilestone;
        }

        var committed = new CommittedOperation(Request.Key, operation, _operation, Request.Name);
        copy.Append(committed, after, milestone);
        Outcome = new SubmissionOutcome(operation, after, _missed ?? []) { Committed = committed };
    }

    private DocumentState Apply(DocumentState before)
    {
        try
        {
            return before.Apply(Kind, _type, _operation, _created, _time, options.MaxDocumentBytes);
        }
        catch (DocumentException refusal) when (refusal.Code == DocumentErrors.OperationNotApplied && _operation is not null && before.Type is not null)
        {
            _operation = before.Type.Fit(before.Content!, _operation, options.MaxDocumentBytes);
            _data = default;
            return before.Apply(Kind, _type, _operation, _created, _time, options.MaxDocumentBytes);
        }
    }

    private void FixUp(DocumentState before, ReadOnlyMemory<byte> fixup)
    {
        if (Kind == OperationKind.Delete)
        {
            throw new DocumentException(DocumentErrors.CannotFixUpDeletion, "fixup cannot be applied on deletion ops");
        }

        if ((_type ?? before.Type) is not IComposableType type)
        {
            throw new DocumentException(
                DocumentErrors.CannotCompose, $"{(_type ?? before.Type)?.Uri} does not support compose");
        }

        var operation = type.ReadOperation(fixup.Span);
        if (Kind == OperationKind.Create)
        {
            _created = type.Apply(_created!, operation, options.MaxDocumentBytes);
        }
        else
        {
            _operation = type.Compose(Parse(type), operation);
            _data = default;
        }

        (_fixups ??= []).Add(fixup);
    }

    // What is stored and sent is what the type has read, so that no client can take it for something else than the server did.
    private DocumentOperation Describe(DocumentState before, DocumentState? after) => new()
    {
        Version = before.Version,
        Id = Request.Id,
        Kind = Kind,
        Type = _type?.Uri,
        Data = Kind switch
        {
            OperationKind.Edit when _operation is { } operation =>
                _data.IsEmpty ? _data = LimitedWriter.Write(operation, options.MaxOperationBytes) : _data,
            OperationKind.Create when after is not null && !(Request.Data.IsEmpty && _fixups is null) => after.ToSnapshot().Data,
            _ => Request.Data,
        },
        Time = _time,
        Author = Request.Session.UserId,
        Intent = Request.Intent,
        Fixups = _fixups is null ? default : ShareDb.OperationMessage.EncodeFixups(Request.Id, before.Version, _fixups),
    };

    private IOtOperation Parse(IOtType type)
    {
        try
        {
            return _operation ??= type.ReadSubmittedOperation(Request.Data.Span);
        }
        catch (OtException exception)
        {
            throw new DocumentException(DocumentErrors.OperationNotApplied, exception.Message, exception);
        }
    }
}
