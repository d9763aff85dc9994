namespace Starling.Documents.Storage.Queries;

/// <summary>One field of an order. Missing values and null come first, then numbers, then texts; descending the other way round.</summary>
/// <param name="Field">Where the value is: the names of the fields that lead to it, from the outermost.</param>
/// <param name="Descending">Whether greater values come first.</param>
public sealed record QuerySort(IReadOnlyList<string> Field, bool Descending);
