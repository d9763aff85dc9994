namespace Starling.Documents.Hosting;

/// <summary>What a client wants to do with a document.</summary>
public enum AccessKind
{
    /// <summary>
    /// Read it, its history or what is changed in it. Asked for each document that a query finds, too; those refused are left out, and the
    /// query counts, skips and limits without them. Asked with each change as well, since a change may bring its sender what others did:
    /// a client that may change but not read gets its acknowledgement and nothing else.
    /// </summary>
    Read,

    /// <summary>Change it.</summary>
    Edit,

    /// <summary>Create it.</summary>
    Create,

    /// <summary>Delete it.</summary>
    Delete,

    /// <summary>Search the collection.</summary>
    Query,

    /// <summary>
    /// Say where one is in it, and see where others are. A presence channel <c>collection.id</c> is that document's; one with no dot in its name
    /// is asked for as a collection of that name, without an id.
    /// </summary>
    Presence,
}
