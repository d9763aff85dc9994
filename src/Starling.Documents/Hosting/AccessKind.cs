namespace Starling.Documents.Hosting;

/// <summary>What a client wants to do with a document.</summary>
public enum AccessKind
{
    /// <summary>Read it, its history or what is changed in it. Asked for each document that a query finds, too; those refused are left out.</summary>
    Read,

    /// <summary>Change it.</summary>
    Edit,

    /// <summary>Create it.</summary>
    Create,

    /// <summary>Delete it.</summary>
    Delete,

    /// <summary>Search the collection.</summary>
    Query,

    /// <summary>Say where one is in it, and see where others are.</summary>
    Presence,
}
