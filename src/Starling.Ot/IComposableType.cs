namespace Starling.Ot;

/// <summary>A type whose operations can be joined.</summary>
public interface IComposableType : IOtType
{
    /// <summary>Makes one operation that does what two do one after the other.</summary>
    /// <param name="first">The earlier operation.</param>
    /// <param name="second">The later one, made on the document after <paramref name="first"/>.</param>
    /// <returns>Both in one.</returns>
    /// <exception cref="OtException">The second does not fit the first.</exception>
    IOtOperation Compose(IOtOperation first, IOtOperation second);
}
