using Starling.Documents.Submission;
using Starling.Server.Backplane;

namespace Starling.Documents.Subscriptions;

/// <summary>Tells other nodes of operations, and this node of theirs. Thread-safe.</summary>
internal sealed class OperationRelay(IBackplane backplane)
{
    public bool IsAlone => backplane.IsAlone;

    /// <summary>Tells the nodes that have the document in use or live queries on its collection.</summary>
    public async ValueTask PublishAsync(CommittedOperation operation, CancellationToken cancellationToken)
    {
        if (backplane.IsAlone)
        {
            return;
        }

        var data = OperationCodec.Encode(operation);
        await backplane.PublishAsync(new DataMessage(Topic(operation.Key), data), cancellationToken);
        await backplane.PublishAsync(new DataMessage(Topic(operation.Key.Collection), data), cancellationToken);
    }

    public ValueTask<IAsyncDisposable> SubscribeAsync(DocumentKey key, Action<CommittedOperation> sink, CancellationToken cancellationToken) =>
        SubscribeAsync(Topic(key), operation => operation.Key == key, sink, cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribeAsync(string collection, Action<CommittedOperation> sink, CancellationToken cancellationToken) =>
        SubscribeAsync(Topic(collection), operation => operation.Key.Collection == collection, sink, cancellationToken);

    private static string Topic(DocumentKey key) => $"documents:op:{key.Collection}/{key.Id}";

    private static string Topic(string collection) => "documents:collection:" + collection;

    // Names may contain what separates them in a topic, so what arrives is compared with what is meant.
    private ValueTask<IAsyncDisposable> SubscribeAsync(
        string topic, Func<CommittedOperation, bool> isMeant, Action<CommittedOperation> sink, CancellationToken cancellationToken) =>
        backplane.SubscribeAsync(
            topic,
            message =>
            {
                if (message is DataMessage { Data: var data } && OperationCodec.TryDecode(data, out var operation) && isMeant(operation))
                {
                    sink(operation);
                }

                return ValueTask.CompletedTask;
            },
            cancellationToken);
}
