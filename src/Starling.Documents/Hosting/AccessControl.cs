namespace Starling.Documents.Hosting;

/// <summary>Asks the application who may do what. Thread-safe.</summary>
internal sealed class AccessControl(DocumentsOptions options)
{
    public bool IsOpen => options.Authorize is null;

    public async ValueTask<bool> AllowsAsync(
        DocumentSession session, string collection, string? id, AccessKind kind, CancellationToken cancellationToken) =>
        session.IsServer || options.Authorize is not { } authorize
        || await authorize(new DocumentAccess(session, collection, id, kind), cancellationToken);

    /// <exception cref="DocumentException">The application does not allow it.</exception>
    public async ValueTask DemandAsync(
        DocumentSession session, string collection, string? id, AccessKind kind, CancellationToken cancellationToken)
    {
        if (!await AllowsAsync(session, collection, id, kind, cancellationToken))
        {
            throw new DocumentException(
                DocumentErrors.AccessDenied, $"Not allowed: {kind} {collection}{(id is null ? "" : "/" + id)}");
        }
    }
}
