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
    /// <param name="document">The document.</param>
    /// <param name="components">The steps.</param>
    /// <param name="maxLength">The most bytes that a value may have after an edit by another type.</param>
    /// <exception cref="OtException">One does not fit.</exception>
    public JsonTree Apply(JsonTree document, IEnumerable<Json0Component> components, long maxLength)
    {
        foreach (var component in components)
        {
            document = Apply(document, component, component.Segments, maxLength);
        }

        return document;
    }

    /// <summary>Applies one step, or one further down at the rest of its path.</summary>
    /// <exception cref="OtException">It does not fit.</exception>
    public JsonTree Apply(JsonTree document, Json0Component component, ReadOnlySpan<Json0Segment> path, long maxLength = long.MaxValue)
    {
        if (component.IsText)
        {
            var step = component.ToText();
            return Change(document, path[..^1], value => new JsonTreeText(step.Apply(Text(value))));
        }

        if (component.Edit is { } edit)
        {
            return Change(document, path, value => Apply(value, component.EditType!, edit, maxLength));
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

    /// <summary>
    /// The steps with places beyond the end of a list or text brought to what JavaScript takes them for: a client that is refused cannot take
    /// back what it has done there.
    /// </summary>
    public List<Json0Component> Fit(JsonTree document, IReadOnlyList<Json0Component> components, long maxLength)
    {
        var fitting = new List<Json0Component>(components.Count);
        foreach (var component in components)
        {
            if (Fit(document, component) is { } fit)
            {
                fitting.Add(fit);
                document = Apply(document, fit, fit.Segments, maxLength);
            }
        }

        return fitting;
    }

    // Null where nothing is changed.
    private static Json0Component? Fit(JsonTree document, Json0Component component)
    {
        var last = component.Segments.Length - 1;
        if (component.ListInserted is null && component.ListDeleted is null && component.MovedTo is null && component.TextInserted is null)
        {
            return component;
        }

        var value = document;
        for (var i = 0; i < last && value is not null; i++)
        {
            value = value.Find(component.Segments[i]);
        }

        if (component.TextInserted is not null)
        {
            return value is JsonTreeText { Text.Length: var length } && component.Segments[last].AsIndex() > length
                ? component.WithSegment(last, new Json0Segment(length)) : component;
        }

        if (value is not JsonTreeList { Count: var count } || component.Segments[last].AsIndex() is not { } index)
        {
            return component;
        }

        if (component.MovedTo is { } target)
        {
            // What is moved from beyond the end is undefined, which JSON writes as null.
            return index < count ? component with { MovedTo = Math.Min(target, count - 1) }
                : target == index ? null
                : component.WithSegment(last, new Json0Segment(Math.Min(target, count))) with { MovedTo = null, ListInserted = JsonTreeLiteral.Null };
        }

        if (component.ListInserted is null)
        {
            return index < count ? component : null;
        }

        return component.ListDeleted is null ? component.WithSegment(last, new Json0Segment(Math.Min(index, count)))
            : index == count ? component with { ListDeleted = null }
            : component;
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
            // An object with a member of that name is not a plain one to the original.
            var map = container is JsonTreeMap found && found.Find("constructor") is null
                ? found : throw new OtException($"Referenced element not an object (it was {Describe(container)})");
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

    private JsonTree Apply(JsonTree value, string name, IOtOperation edit, long maxLength)
    {
        var type = subtypes.GetValueOrDefault(name) ?? throw new OtException($"The type '{name}' is not known within documents of json0.");
        if (type is Text0Type)
        {
            return new JsonTreeText((Utf16Text)type.Apply(Text(value), edit));
        }

        var json = new ArrayBufferWriter<byte>();
        var edited = type.Apply(ToSnapshot(value, type), edit, maxLength);
        if (edited.EncodedLength > Math.Max(maxLength, value.EncodedLength))
        {
            throw new OtException("The document would become too large.") { IsTooLarge = true };
        }

        edited.WriteTo(json);
        return Json0Type.Read(json.WrittenSpan);
    }
}
