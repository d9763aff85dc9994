using System.Text.Json;

namespace Starling.Ot.Text;

/// <summary>
/// Plain text in UTF-16 units, as <c>ot-json0</c> has it for the strings in its documents. Unlike the original it refuses an operation that goes
/// beyond the end of the text. New applications rather use <see cref="TextUnicodeType"/>.
/// </summary>
public sealed class Text0Type : IComposableType, IInvertibleType
{
    /// <inheritdoc/>
    public string Name => "text0";

    /// <inheritdoc/>
    public string Uri => "http://sharejs.org/types/textv0";

    /// <inheritdoc/>
    public IOtSnapshot ReadSnapshot(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return Utf16Text.Empty;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            return reader.TokenType switch
            {
                JsonTokenType.Null => Utf16Text.Empty,
                JsonTokenType.String => Utf16Text.Of(JsonText.Read(ref reader)),
                _ => throw new OtException("Initial data must be a string"),
            };
        }
        catch (JsonException exception)
        {
            throw new OtException("A text cannot be read: " + exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public IOtOperation ReadOperation(ReadOnlySpan<byte> json) => Text0Reader.Read(json);

    /// <inheritdoc/>
    public IOtSnapshot Apply(IOtSnapshot snapshot, IOtOperation operation)
    {
        var text = (Utf16Text)snapshot;
        foreach (var component in ((Text0Operation)operation).Components)
        {
            text = component.Apply(text);
        }

        return text;
    }

    /// <inheritdoc/>
    public IOtOperation Transform(IOtOperation operation, IOtOperation other, OtSide side) => new Text0Operation(
        Text0Transform.Instance.Transform(((Text0Operation)operation).Components, ((Text0Operation)other).Components, side));

    /// <inheritdoc/>
    public long TransformCost(IOtOperation operation, IOtOperation other) =>
        (long)((Text0Operation)operation).Components.Count * ((Text0Operation)other).Components.Count;

    /// <inheritdoc/>
    public IOtOperation Compose(IOtOperation first, IOtOperation second)
    {
        List<Text0Component> result = [.. ((Text0Operation)first).Components];
        foreach (var component in ((Text0Operation)second).Components)
        {
            Text0Transform.Instance.Append(result, component);
        }

        return new Text0Operation(result);
    }

    /// <inheritdoc/>
    public IOtOperation Invert(IOtOperation operation, IOtSnapshot before) =>
        new Text0Operation(((Text0Operation)operation).Components.Reverse().Select(component => component.Inverse));
}
