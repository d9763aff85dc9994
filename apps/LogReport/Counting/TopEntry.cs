namespace Starling.Apps.LogReport.Counting;

/// <summary>A key and how often it came.</summary>
/// <param name="Key">The key, cut to <see cref="TopTable.MaxKeyBytes"/>.</param>
/// <param name="Count">Never below the true count.</param>
/// <param name="Error">By how much it may be above it; 0 while there were fewer keys than the table holds.</param>
internal readonly record struct TopEntry(byte[] Key, long Count, long Error);
