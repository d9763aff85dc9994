using System.Collections.Concurrent;

namespace Starling.Documents.ShareDb;

/// <summary>By which ids a client is known: the secret one that it uses, and the public one that others see. Thread-safe.</summary>
internal sealed class ClientIdentity
{
    private const int MostKept = 100;

    private readonly SourceIds _sources;
    private readonly DocumentSession _session;
    private readonly ConcurrentDictionary<string, string> _secrets = new(StringComparer.Ordinal);

    public ClientIdentity(SourceIds sources, DocumentSession session, string id)
    {
        _sources = sources;
        _session = session;
        Id = id;
    }

    /// <summary>What the client calls itself.</summary>
    public string Id { get; private set; }

    /// <summary>Takes up the id that the client had on an earlier connection, if it was issued to its user.</summary>
    public void TryReclaim(string id)
    {
        if (_sources.IsIssued(id, _session.UserId))
        {
            Id = id;
            _session.Source = Learn(id);
        }
    }

    /// <summary>The public form of an id that the client gives with an operation.</summary>
    /// <exception cref="DocumentException">It was not issued to its user.</exception>
    public string Verify(string id) => id == Id ? _session.Source
        : _sources.IsIssued(id, _session.UserId) ? Learn(id)
        : throw new DocumentException(DocumentErrors.SourceNotIssued, "The src was not issued to this user");

    /// <summary>The id that the client knows itself by, if a source is one of its own; otherwise null.</summary>
    public string? FindSecret(string source) => source == _session.Source ? Id : _secrets.GetValueOrDefault(source);

    private string Learn(string id)
    {
        var source = _sources.Publish(id);
        if (_secrets.Count >= MostKept)
        {
            // A client has one for each connection that it lost with operations under way. What is forgotten is shown by its public form.
            _secrets.Clear();
        }

        _secrets[source] = id;
        return source;
    }
}
