namespace Starling.Documents.Storage;

/// <summary>Identifies an operation of a document for as long as it is kept: what has the same identity is the same operation, sent again.</summary>
/// <param name="Source">Who sent it: one session of a client, or a caller on the server.</param>
/// <param name="Sequence">The number that the source gave it.</param>
public readonly record struct OperationId(string Source, long Sequence);
