using System.Collections.Frozen;
using System.Text.Json;
using Starling.Ot.Text;

namespace Starling.Ot.Json;

/// <summary>
/// JSON documents (npm <c>ot-json0</c>): numbers are added to, items of lists inserted, deleted, replaced and moved, members of objects set and
/// deleted, and texts edited. Unlike the original it refuses an operation that goes beyond the end of a list or text, where clients would
/// end with different documents.
/// </summary>
public sealed class Json0Type : IComposableType, IInvertibleType
{
    /// <summary>How deep lists and objects may be nested in a document.</summary>
    public const int MaxDepth = 64;

    private readonly Json0Reader _reader;
    private readonly Json0Reader _submissionReader;
    private readonly Json0Apply _apply;
    private readonly Json0Transform _transform;
    private readonly Json0Invert _invert;

    /// <summary>Creates the type.</summary>
    /// <param name="subtypes">Types by which values within a document may be edited, found by their names; text0 is always among them.</param>
    public Json0Type(params IEnumerable<IOtType> subtypes)
    {
        ArgumentNullException.ThrowIfNull(subtypes);
        var types = WithText0(subtypes);
        _reader = new Json0Reader(types);
        _submissionReader = new Json0Reader(types, isSubmitted: true);
        _apply = new Json0Apply(types);
        _transform = new Json0Transform(types, _apply);
        _invert = new Json0Invert(_apply, name => types[name]);
    }

    /// <inheritdoc/>
    public string Name => "json0";

    /// <inheritdoc/>
    public string Uri => "http://sharejs.org/types/JSONv0";

    /// <inheritdoc/>
    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json) => new Json0Snapshot(json.IsEmpty ? JsonTreeLiteral.Null : Read(json));

    /// <inheritdoc cref="IOtType.ReadOperation"/>
    public Json0Operation ReadOperation(ReadOnlySpan<byte> json) => _reader.Read(json);

    /// <inheritdoc/>
    IOtOperation IOtType.ReadOperation(ReadOnlySpan<byte> json) => ReadOperation(json);

    /// <inheritdoc/>
    public IOtOperation ReadSubmittedOperation(ReadOnlySpan<byte> json) => _submissionReader.Read(json);

    /// <inheritdoc/>
    public IOtOperation Fit(IOtSnapshot snapshot, IOtOperation operation, long maxLength) =>
        new Json0Operation(_apply.Fit(((Json0Snapshot)snapshot).Root, ((Json0Operation)operation).Components, maxLength));

    /// <inheritdoc/>
    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation) => Apply(snapshot, operation, long.MaxValue);

    /// <inheritdoc/>
    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation, long maxLength) =>
        new Json0Snapshot(_apply.Apply(((Json0Snapshot)snapshot).Root, ((Json0Operation)operation).Components, maxLength));

    /// <inheritdoc/>
    public long TransformCost(IOtOperation operation, IOtOperation other) =>
        (long)((Json0Operation)operation).Components.Count * ((Json0Operation)other).Components.Count;

    /// <inheritdoc/>
    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side) =>
        new Json0Operation(_transform.Transform(((Json0Operation)operation).Components, ((Json0Operation)other).Components, side));

    /// <inheritdoc/>
    public IOtOperation Compose(IOtOperation first, IOtOperation second)
    {
        List<Json0Component> result = [.. ((Json0Operation)first).Components];
        foreach (var component in ((Json0Operation)second).Components)
        {
            _transform.Append(result, component);
        }

        return new Json0Operation(result);
    }

    /// <inheritdoc/>
    public IOtOperation Invert(IOtOperation operation, IOtSnapshot before) => _invert.Invert((Json0Operation)operation, ((Json0Snapshot)before).Root);

    /// <summary>Joins the steps of an operation where that is possible.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>One that does the same.</returns>
    public Json0Operation Normalize(Json0Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var result = new List<Json0Component>(operation.Components.Count);
        foreach (var component in operation.Components)
        {
            _transform.Append(result, component);
        }

        return new Json0Operation(result);
    }

    internal static FrozenDictionary<string, IOtType> WithText0(IEnumerable<IOtType> subtypes) =>
        subtypes.Append(new Text0Type()).ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);

    /// <exception cref="OtException">It is no JSON, or nested too deep.</exception>
    internal static JsonTree Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            return JsonTreeReader.Read(ref reader);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new OtException("A document cannot be read: " + exception.Message, exception);
        }
    }
}
