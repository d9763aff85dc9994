using Starling.Documents.Diagnostics;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>Tells a client what becomes of one of its live queries.</summary>
internal sealed class LiveQueryClient(ShareDbAgent agent, DocumentRequests documents, CollectionName name, ReadOnlyMemory<byte> id)
    : ILiveQueryClient
{
    private readonly OperationSender _sender = new(agent, documents, name);

    public void OnChanges(IReadOnlyList<ListChange> changes, IReadOnlyDictionary<string, DocumentSnapshot> inserted) =>
        agent.Send(MessageWriter.QueryChanges(id, changes, inserted).Span);

    public void OnOperation(CommittedOperation operation) => _sender.Send(operation);

    // As in ShareDB, only logged: the client did not ask for anything just now.
    public void OnError(Exception exception) => agent.Server.Log.QueryFailed(exception, name.Name);
}
