namespace Starling.Documents.Subscriptions;

/// <summary>A collection as a client names it: the collection itself, or a projection of it.</summary>
internal readonly record struct CollectionName(string Name, Projection? Projection)
{
    public string Collection => Projection?.Collection ?? Name;

    public DocumentKey Key(string id) => new(Collection, id);
}
