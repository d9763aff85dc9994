namespace Starling.Documents.Hosting;

/// <summary>
/// Asks the application who may do what. Every way on which a client gets content, presence, history or a count leads through here. Thread-safe.
/// </summary>
internal sealed class AccessControl(DocumentsOptions options)
{
    public bool IsOpen => options.Authorize is null;

    /// <summary>Whether everything is allowed to a session.</summary>
    public bool IsOpenTo(DocumentSession session) => IsOpen || session.IsServer;

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

    /// <summary>Asks for a presence channel, which by its name belongs to a document: its collection, a dot and its id.</summary>
    /// <param name="session">Who wants it.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="key">The document that the client says it is for, or null if it says none.</param>
    /// <param name="name">The collection as the client names it, or null.</param>
    /// <param name="resolve">Finds the collection of a name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DocumentException">The application does not allow it.</exception>
    public async ValueTask DemandChannelAsync(
        DocumentSession session, string channel, DocumentKey? key, string? name, Func<string, string> resolve,
        CancellationToken cancellationToken)
    {
        if (key is { } document)
        {
            await DemandAsync(session, document.Collection, document.Id, AccessKind.Presence, cancellationToken);
            if (channel.Length == name!.Length + 1 + document.Id.Length && channel.StartsWith(name, StringComparison.Ordinal)
                && channel[name.Length] == '.' && channel.EndsWith(document.Id, StringComparison.Ordinal))
            {
                return;
            }
        }

        // A collection may have a dot in its name as well; what is sent in a channel is checked by its own document before it is delivered.
        var dot = channel.IndexOf('.', StringComparison.Ordinal);
        var (collection, id) = dot > 0 ? (channel[..dot], channel[(dot + 1)..]) : (channel, null);
        await DemandAsync(session, resolve(collection), id, AccessKind.Presence, cancellationToken);
    }
}
