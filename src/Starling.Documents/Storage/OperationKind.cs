namespace Starling.Documents.Storage;

/// <summary>What an operation does. The numbers are stored.</summary>
public enum OperationKind
{
    /// <summary>Changes the content.</summary>
    Edit = 0,

    /// <summary>Creates the document.</summary>
    Create = 1,

    /// <summary>Deletes the document; its versions go on and it may be created again.</summary>
    Delete = 2,
}
