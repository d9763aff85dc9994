namespace Starling.Ot;

/// <summary>A type that can tell how one document becomes another.</summary>
public interface IDiffableType : IOtType
{
    /// <summary>Makes the operation that leads from one document to another.</summary>
    /// <param name="before">The one document.</param>
    /// <param name="after">The other.</param>
    /// <returns>The operation; it changes little, but not always the least that is possible.</returns>
    IOtOperation Diff(IOtSnapshot before, IOtSnapshot after);
}
