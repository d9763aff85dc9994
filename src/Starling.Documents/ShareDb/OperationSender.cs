using Starling.Documents.Diagnostics;
using Starling.Documents.Submission;
using Starling.Documents.Subscriptions;

namespace Starling.Documents.ShareDb;

/// <summary>
/// Sends a stream of operations to a client, but for those that the client itself made by the same name: it knows them. Where the
/// application wants to see each, they wait in line for it.
/// </summary>
/// <remarks>Called by one thread at a time.</remarks>
internal sealed class OperationSender(ShareDbAgent agent, DocumentRequests documents, CollectionName name)
{
    private WorkLoop<CommittedOperation>? _line;

    /// <summary>Sends an operation; false if that has to wait.</summary>
    public bool Send(CommittedOperation operation)
    {
        if (operation.SubmittedAs == name.Name && operation.Operation.Id.Source == agent.Session.Source)
        {
            return true;
        }

        if (agent.Server.Documents.Middleware.Operation.IsEmpty && name.Projection is null)
        {
            documents.Send(name, operation);
            return true;
        }

        _line ??= new WorkLoop<CommittedOperation>(
            SendAsync, exception => agent.Server.Log.NotDelivered(exception, operation.Key));
        agent.Backlog.Add(operation);
        _line.TryPost(operation);
        return false;
    }

    private async Task SendAsync(List<CommittedOperation> operations)
    {
        foreach (var operation in operations)
        {
            try
            {
                await documents.SendAsync(name, operation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception)
            {
                agent.Server.Log.OperationNotSent(operation.Version, operation.Key, agent.Session.Source, exception.Message);
            }

            agent.Backlog.Remove(operation);
        }
    }
}
