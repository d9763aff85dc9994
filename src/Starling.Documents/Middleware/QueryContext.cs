using Starling.Documents.Storage.Queries;

namespace Starling.Documents.Middleware;

/// <summary>A query that is about to be run.</summary>
public sealed class QueryContext
{
    internal QueryContext(DocumentSession session, string collection, string name, DocumentQuery query)
    {
        Session = session;
        Collection = collection;
        Name = name;
        Query = query;
    }

    /// <summary>Who asks.</summary>
    public DocumentSession Session { get; }

    /// <summary>The collection; never a projection.</summary>
    public string Collection { get; }

    /// <summary>The collection or projection by which the client knows it.</summary>
    public string Name { get; }

    /// <summary>What is looked for; may be narrowed.</summary>
    public DocumentQuery Query { get; set; }
}
