using Starling.Documents.Storage;

namespace Starling.Documents.Submission;

/// <summary>
/// Decides when the stored snapshot of a document is brought up to date. Writing a large text whole for every keystroke would make an edit
/// cost as much as the document is long; so its snapshot lags behind its log until as much has been appended as it is long itself.
/// </summary>
/// <remarks>Documents that queries look into are never behind. Owner: the document's loop; not thread-safe.</remarks>
internal sealed class SnapshotPolicy
{
    private const string Json0 = "http://sharejs.org/types/JSONv0";
    private const int AlwaysBelowBytes = 128;
    private const int MaxOperations = 256;

    private int _storedBytes;
    private long _bytesSince;
    private long _operationsSince;

    /// <summary>Whether operations lie in the log that the stored snapshot has not.</summary>
    public bool IsBehind => _operationsSince > 0;

    public bool IsDue(WorkingCopy copy) =>
        copy.State.Type is not { } type || type.Uri == Json0
        || copy.Appended.Any(operation => operation.Operation.Kind != OperationKind.Edit)
        || _storedBytes < AlwaysBelowBytes
        || _operationsSince + copy.Appended.Count >= MaxOperations
        || _bytesSince + copy.AppendedBytes >= _storedBytes;

    public void Stored(int bytes)
    {
        _storedBytes = bytes;
        _bytesSince = _operationsSince = 0;
    }

    public void Appended(long bytes, int operations)
    {
        _bytesSince += bytes;
        _operationsSince += operations;
    }
}
