namespace Starling.Ot;

/// <summary>
/// A kind of document: how its snapshots and operations are read, and how they combine. Implementations have no state and are thread-safe.
/// </summary>
/// <remarks>
/// What a type can do beyond this it says by implementing <see cref="IComposableType"/>, <see cref="IInvertibleType"/>,
/// <see cref="IPresenceType"/> or <see cref="IDiffableType"/>. Snapshots and operations of one type are not given to another. A transformation satisfies TP1:
/// <c>apply(apply(s, a), transform(b, a, Left))</c> equals <c>apply(apply(s, b), transform(a, b, Right))</c>.
/// </remarks>
public interface IOtType
{
    /// <summary>The short name that clients may use when they create a document, for example <c>rich-text</c>.</summary>
    string Name { get; }

    /// <summary>The name on the wire and in storage, for example <c>http://sharejs.org/types/rich-text/v1</c>.</summary>
    string Uri { get; }

    /// <summary>Reads a snapshot: the data with which a document is created, or what a snapshot of this type has written.</summary>
    /// <param name="json">UTF-8 JSON; empty when a document is created without data.</param>
    /// <returns>The snapshot. It does not refer to <paramref name="json"/>.</returns>
    /// <exception cref="OtException">The data are not a document of this type.</exception>
    IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json);

    /// <summary>Reads an operation and brings it into normal form.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The operation. It does not refer to <paramref name="json"/>.</returns>
    /// <exception cref="OtException">It is not an operation of this type.</exception>
    IOtOperation ReadOperation(ReadOnlySpan<byte> json);

    /// <summary>Applies an operation.</summary>
    /// <param name="snapshot">The document, which stays as it is.</param>
    /// <param name="operation">What to do to it.</param>
    /// <returns>The document afterwards.</returns>
    /// <exception cref="OtException">The operation does not fit the document.</exception>
    IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation);

    /// <summary>Changes an operation so that it does, after another one, what it was meant to do before it.</summary>
    /// <param name="operation">The operation to change.</param>
    /// <param name="other">The concurrent one that was applied first.</param>
    /// <param name="side">Which of the two wins where both touch the same; what that means is the type's business.</param>
    /// <returns>The changed operation.</returns>
    /// <exception cref="OtException">The two cannot have been made on the same document.</exception>
    IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side);
}
