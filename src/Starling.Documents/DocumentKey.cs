namespace Starling.Documents;

/// <summary>Names a document.</summary>
/// <param name="Collection">The collection it belongs to; never a projection.</param>
/// <param name="Id">Its name, unique in the collection.</param>
public readonly record struct DocumentKey(string Collection, string Id)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Collection}/{Id}";
}
