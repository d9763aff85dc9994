namespace Starling.Documents.Middleware;

/// <summary>The stages of ShareDB's middleware. Steps of a stage run in the order in which they were added.</summary>
public sealed class DocumentMiddleware
{
    /// <summary>A client has connected; a refusal disconnects it.</summary>
    public MiddlewareStage<ConnectContext> Connect { get; } = new();

    /// <summary>A message of a client has arrived.</summary>
    public MiddlewareStage<ReceiveContext> Receive { get; } = new();

    /// <summary>An operation is submitted; nothing was read yet.</summary>
    public MiddlewareStage<SubmitContext> Submit { get; } = new();

    /// <summary>An operation, transformed to the newest version, is about to be applied. It holds up the document; be quick.</summary>
    public MiddlewareStage<ApplyContext> Apply { get; } = new();

    /// <summary>An operation was applied and is about to be stored. It holds up the document; be quick.</summary>
    public MiddlewareStage<CommitContext> Commit { get; } = new();

    /// <summary>An operation was stored; its sender has not been told yet. It cannot be undone here: a refusal only changes the answer.</summary>
    public MiddlewareStage<AfterWriteContext> AfterWrite { get; } = new();

    /// <summary>An operation is about to be sent to a client; a refusal keeps it from that client.</summary>
    public MiddlewareStage<OperationContext> Operation { get; } = new();

    /// <summary>Snapshots are about to be given to a client.</summary>
    public MiddlewareStage<ReadSnapshotsContext> ReadSnapshots { get; } = new();

    /// <summary>A query is about to be run.</summary>
    public MiddlewareStage<QueryContext> Query { get; } = new();

    /// <summary>An answer without an error is about to be sent.</summary>
    public MiddlewareStage<ReplyContext> Reply { get; } = new();

    /// <summary>A client says where it is.</summary>
    public MiddlewareStage<PresenceContext> ReceivePresence { get; } = new();

    /// <summary>Another client's presence is about to be sent to this one; a refusal keeps it from this one.</summary>
    public MiddlewareStage<PresenceContext> SendPresence { get; } = new();
}
