namespace Starling.Documents.Storage;

/// <summary>A store that others may write to as well, and that notices when they do, though not what they did.</summary>
public interface ISharedDocumentStore : IDocumentStore
{
    /// <summary>
    /// Raised some time after something was committed by others than this object. Called on a thread of the store; must be quick and not throw.
    /// </summary>
    event Action? ChangedElsewhere;
}
