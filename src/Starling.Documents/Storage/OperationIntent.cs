namespace Starling.Documents.Storage;

/// <summary>Why an operation was made. The numbers are stored.</summary>
public enum OperationIntent
{
    /// <summary>Somebody wanted the change.</summary>
    Change = 0,

    /// <summary>It takes back the newest change of its author that was not taken back.</summary>
    Undo = 1,

    /// <summary>It takes back the newest undoing of its author.</summary>
    Redo = 2,
}
