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

    /// <summary>
    /// Reads the data with which a client creates a document. Refuses more than <see cref="ReadSnapshot"/>, which reads what is stored:
    /// whatever the type of the JavaScript clients takes for something else.
    /// </summary>
    /// <param name="json">UTF-8 JSON; empty when a document is created without data.</param>
    /// <returns>The snapshot. It does not refer to <paramref name="json"/>.</returns>
    /// <exception cref="OtException">The data are not a document of this type.</exception>
    IOtSnapshot ReadSubmittedSnapshot(ReadOnlySpan<byte> json) => ReadSnapshot(json);

    /// <summary>
    /// Reads an operation that a client submits. Refuses more than <see cref="ReadOperation"/>, which reads what is stored: whatever the type of
    /// the JavaScript clients takes for something else.
    /// </summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <returns>The operation. It does not refer to <paramref name="json"/>.</returns>
    /// <exception cref="OtException">It is not an operation of this type.</exception>
    IOtOperation ReadSubmittedOperation(ReadOnlySpan<byte> json) => ReadOperation(json);

    /// <summary>Applies an operation.</summary>
    /// <param name="snapshot">The document, which stays as it is.</param>
    /// <param name="operation">What to do to it.</param>
    /// <returns>The document afterwards.</returns>
    /// <exception cref="OtException">The operation does not fit the document.</exception>
    IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation);

    /// <summary>
    /// Applies an operation to a document whose size is limited. A type of which a short operation can make a long document refuses it before
    /// it has made that; the caller checks <see cref="IOtSnapshot.EncodedLength"/> of the result in any case.
    /// </summary>
    /// <param name="snapshot">The document, which stays as it is.</param>
    /// <param name="operation">What to do to it.</param>
    /// <param name="maxLength">The most bytes that the document may have afterwards.</param>
    /// <returns>The document afterwards.</returns>
    /// <exception cref="OtException">The operation does not fit the document, or the document would be too large.</exception>
    IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation, long maxLength) => Apply(snapshot, operation);

    /// <summary>
    /// Brings an operation that <see cref="Apply(IOtSnapshot, IOtOperation)"/> refuses into a form that fits the document, where the type of the
    /// JavaScript clients applies it in that sense, so that its author need not take it back.
    /// </summary>
    /// <param name="snapshot">The document.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="maxLength">The most bytes that the document may have afterwards.</param>
    /// <returns>The operation that fits, or the same if there is none.</returns>
    /// <exception cref="OtException">The operation does not fit in any form.</exception>
    IOtOperation Fit(IOtSnapshot snapshot, IOtOperation operation, long maxLength) => operation;

    /// <summary>About how many steps it takes to transform an operation over another; one step takes well below a microsecond.</summary>
    /// <param name="operation">The operation to change.</param>
    /// <param name="other">The one that was applied first.</param>
    /// <returns>The number of steps; 1 by default.</returns>
    long TransformCost(IOtOperation operation, IOtOperation other) => 1;

    /// <summary>Changes an operation so that it does, after another one, what it was meant to do before it.</summary>
    /// <param name="operation">The operation to change.</param>
    /// <param name="other">The concurrent one that was applied first.</param>
    /// <param name="side">Which of the two wins where both touch the same; what that means is the type's business.</param>
    /// <returns>The changed operation.</returns>
    /// <exception cref="OtException">The two cannot have been made on the same document.</exception>
    IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side);
}
