using System.Buffers;
using System.Collections.Frozen;
using Starling.Ot.Text;

namespace Starling.Ot.Json;

/// <summary>
/// Applies json0 operations to trees. What the original would commit although it goes beyond a list or a text, and so leave clients with
/// different documents, is refused.
/// </summary>
internal sealed class Json0Apply(FrozenDictionary<string, IOtType> subtypes)
{
    /// <summary>Applies all steps.</summary>
    /// <exception cref="OtException">One does not fit.</exception>
    public JsonTree Apply(JsonTree document, IEnumerable<Json0Component> components)
    {
        foreach (var component in components)
        {
            document = Apply(document, component, component.Segments);
        }

        return document;
    }

    /// <summary>Applies one step, or one further down at the rest of its path.</summary>
    /// <exception cref="OtException">It does not fit.</exception>
    public JsonTree Apply(JsonTree document, Json0Component component, ReadOnlySpan<Json0Segment> path)
    {
        if (component.IsText)
        {
            var step = component.ToText();
            return Change(document, path[..^1], value => new JsonTreeText(step.Apply(Text(value))));
        }

        if (component.Edit is { } edit)
        {
            return Change(document, path, value => Apply(value, component.EditType!, edit));
        }

        if (component.Added is { } added)
        {
            return Change(document, path, value => Add(value, added));
        }

        CheckDepth(component.ListInserted ?? component.ObjectInserted, path.Length);
        if (path.IsEmpty)
        {
            // What was deleted whole is nothing, of which JSON has no other form than null.
            return component.ObjectInserted ?? JsonTreeLiteral.Null;
        }

        var last = path[^1];
        return Change(document, path[..^1], value => ChangeContainer(value, component, last));
    }

    /// <summary>A value as a document of another type.</summary>
    public static IOtSnapshot ToSnapshot(JsonTree value, IOtType type)
    {
        if (value is JsonTreeText text && type is Text0Type)
        {
            return text.Text;
        }

        var json = new ArrayBufferWriter<byte>();
        value.WriteTo(json);
        return type.ReadSnapshot(json.WrittenSpan);
    }

    private static JsonTree Change(JsonTree value, ReadOnlySpan<Json0Segment> path, Func<JsonTree, JsonTree> change)
    {
        if (path.IsEmpty)
        {
            return change(value);
        }

        var next = value.Find(path[0]) ?? throw new OtException("Path invalid");
        return value.With(path[0], Change(next, path[1..], change));
    }

    private static JsonTree ChangeContainer(JsonTree container, Json0Component component, Json0Segment last)
    {
        if (component.ObjectInserted is not null || component.ObjectDeleted is not null)
        {
            var map = container as JsonTreeMap ?? throw new OtException($"Referenced element not an object (it was {Describe(container)})");
            return component.ObjectInserted is { } inserted ? map.Set(last.ToString(), inserted) : map.Remove(last.ToString());
        }

        return ChangeList(container as JsonTreeList ?? throw new OtException("Referenced element not a list"), component, last.AsIndex()!.Value);
    }

    private static JsonTreeList ChangeList(JsonTreeList list, Json0Component component, long index)
    {
        var end = list.Count - (component.ListInserted is not null && component.ListDeleted is null ? 0 : 1);
        if (index > end || component.MovedTo > end)
        {
            throw new OtException($"The operation goes beyond the end of a list of {list.Count} items.");
        }

        if (component.MovedTo is { } target)
        {
            return target == index ? list : list.RemoveAt(index).Insert(target, list.At(index)!);
        }

        return component switch
        {
            { ListInserted: { } item, ListDeleted: null } => list.Insert(index, item),
            { ListInserted: { } item } => list.With(index, item),
            _ => list.RemoveAt(index),
        };
    }

    private static JsonTreeNumber Add(JsonTree value, double added)
    {
        var number = value as JsonTreeNumber ?? throw new OtException("Referenced element not a number");
        var sum = number.Value + added;
        return double.IsFinite(sum) ? new JsonTreeNumber(sum) : throw new OtException("The sum is too large for a number");
    }

    private static Utf16Text Text(JsonTree value) => value is JsonTreeText { Text: var text } ? text : throw new OtException("Referenced element not a string");

    private static string Describe(JsonTree value)
    {
        var output = new ArrayBufferWriter<byte>();
        value.WriteTo(output);
        return output.WrittenCount <= 200 ? System.Text.Encoding.UTF8.GetString(output.WrittenSpan) : "too long to be shown";
    }

    private static void CheckDepth(JsonTree? value, int above)
    {
        if (value is not null && above + value.Depth > Json0Type.MaxDepth)
        {
            throw new OtException($"The document would be nested deeper than {Json0Type.MaxDepth}.");
        }
    }

    private JsonTree Apply(JsonTree value, string name, IOtOperation edit)
    {
        var type = subtypes.GetValueOrDefault(name) ?? throw new OtException($"The type '{name}' is not known within documents of json0.");
        if (type is Text0Type)
        {
            return new JsonTreeText((Utf16Text)type.Apply(Text(value), edit));
        }

        var json = new ArrayBufferWriter<byte>();
        type.Apply(ToSnapshot(value, type), edit).WriteTo(json);
        return Json0Type.Read(json.WrittenSpan);
    }
}
