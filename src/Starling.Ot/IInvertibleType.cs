namespace Starling.Ot;

/// <summary>A type whose operations can be taken back.</summary>
public interface IInvertibleType : IOtType
{
    /// <summary>Makes the operation that takes another one back.</summary>
    /// <param name="operation">The operation to take back.</param>
    /// <param name="before">The document before it, from which comes what was deleted.</param>
    /// <returns>The operation that leads back to <paramref name="before"/>.</returns>
    /// <exception cref="OtException">The operation does not fit the document.</exception>
    IOtOperation Invert(IOtOperation operation, IOtSnapshot before);
}
