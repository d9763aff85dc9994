using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>One client's subscription to one document: sends what others do to it.</summary>
/// <remarks>Owner: the client's <see cref="DocumentRequests"/>; thread-safe.</remarks>
internal sealed class DocumentStream : IDisposable
{
    private readonly OperationSender _sender;
    private long _next;

    public DocumentStream(ShareDbAgent agent, DocumentRequests documents, CollectionName name, DocumentKey key)
    {
        _sender = new OperationSender(agent, documents, name);
        Subscription = new OperationSubscription(
            operation =>
            {
                if (operation.Key == key && _sender.Send(operation))
                {
                    Volatile.Write(ref _next, operation.Version + 1);
                }
            },
            backlog: agent.Backlog);
    }

    public OperationSubscription Subscription { get; }

    public bool WasSent(long version) => version < Volatile.Read(ref _next);

    public void Start() => Subscription.Start();

    public void Dispose() => Subscription.Dispose();
}
