namespace Starling.Documents.Hosting;

/// <summary>Something that a client wants to do.</summary>
/// <param name="Session">Who wants it.</param>
/// <param name="Collection">The collection; never a projection.</param>
/// <param name="Id">The document; null for the whole collection, as in a query.</param>
/// <param name="Kind">What is wanted.</param>
public sealed record DocumentAccess(DocumentSession Session, string Collection, string? Id, AccessKind Kind);
