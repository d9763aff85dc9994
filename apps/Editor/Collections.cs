namespace Starling.Apps.Editor;

/// <summary>The collections that the editor keeps its documents in. Clients change only the first; the others they read.</summary>
internal static class Collections
{
    /// <summary>The texts (rich-text), by a random id that never changes.</summary>
    public const string Texts = "editor";

    /// <summary>What is known of each text (json0): its name, and when and by whom it was created and edited. Same ids as the texts.</summary>
    public const string Entries = "editor-entries";

    /// <summary>Which text a name stands for (json0), by <see cref="Library.DocumentName.Key"/>. A former name stands for its text as long as no other text is given it.</summary>
    public const string Names = "editor-names";

    /// <summary>The names and colours of people (json0), by their public id.</summary>
    public const string People = "editor-people";
}
