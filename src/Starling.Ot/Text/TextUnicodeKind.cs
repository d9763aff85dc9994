namespace Starling.Ot.Text;

/// <summary>What a component of a text-unicode operation does.</summary>
internal enum TextUnicodeKind
{
    /// <summary>Goes on over what is there.</summary>
    Skip,

    /// <summary>Inserts text.</summary>
    Insert,

    /// <summary>Deletes what is there.</summary>
    Delete,
}
