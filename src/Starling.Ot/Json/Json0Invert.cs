namespace Starling.Ot.Json;

/// <summary>Makes the steps that take steps back. What comes back is taken from the document, and not from what the operation says was deleted.</summary>
internal sealed class Json0Invert(Json0Apply apply, Func<string, IOtType> subtype)
{
    /// <exception cref="OtException">A step does not fit the document.</exception>
    public Json0Operation Invert(Json0Operation operation, JsonTree before)
    {
        var inverse = new List<Json0Component>(operation.Components.Count);
        foreach (var component in operation.Components)
        {
            var after = apply.Apply(before, component, component.Segments);
            if (Invert(component, before) is { } step)
            {
                inverse.Add(step);
            }

            before = after;
        }

        inverse.Reverse();
        return new Json0Operation(inverse);
    }

    // Null where nothing is to be taken back.
    private Json0Component? Invert(Json0Component component, JsonTree before)
    {
        var inverse = new Json0Component(component.Segments);
        if (component.IsText)
        {
            return inverse with { TextInserted = component.TextDeleted, TextDeleted = component.TextInserted };
        }

        if (component.Added is { } added)
        {
            return inverse with { Added = -added };
        }

        var old = Find(before, component.Segments);
        if (component.Edit is { } edit)
        {
            return inverse with { EditType = component.EditType, Edit = Invert(component.EditType!, edit, old!) };
        }

        if (component.MovedTo is not null || component.ListInserted is not null || component.ListDeleted is not null)
        {
            return InvertList(component, old, ((JsonTreeList)Find(before, component.Segments[..^1])!).Count);
        }

        // An empty document is null, and nothing is deleted to fill it.
        old = component.Segments.Length == 0 && component.ObjectDeleted is null && old == JsonTreeLiteral.Null ? null : old;
        return component.ObjectInserted is null && old is null ? null : inverse with { ObjectInserted = old, ObjectDeleted = component.ObjectInserted };
    }

    // Takes back what was done to a list of so many items, where places beyond its end were taken for the end.
    private static Json0Component? InvertList(Json0Component component, JsonTree? old, long count)
    {
        var last = component.Segments.Length - 1;
        var inverse = new Json0Component(component.Segments);
        var index = component.Segments[last].AsIndex()!.Value;
        if (component.MovedTo is { } target)
        {
            var place = new Json0Segment(Math.Min(target, Math.Max(count - 1, 0)));
            return old is not null ? inverse.WithSegment(last, place) with { MovedTo = index }
                : target == index ? null
                : inverse.WithSegment(last, new Json0Segment(Math.Min(target, count))) with { ListDeleted = JsonTreeLiteral.Null };
        }

        if (component.ListInserted is not { } item)
        {
            return old is null ? null : inverse with { ListInserted = old };
        }

        return component.ListDeleted is not null && old is not null
            ? inverse with { ListInserted = old, ListDeleted = item }
            : inverse.WithSegment(last, new Json0Segment(Math.Min(index, count))) with { ListDeleted = item };
    }

    private static JsonTree? Find(JsonTree? value, Json0Segment[] path)
    {
        foreach (var segment in path)
        {
            value = value?.Find(segment);
        }

        return value;
    }

    private IOtOperation Invert(string name, IOtOperation edit, JsonTree value)
    {
        var type = subtype(name) as IInvertibleType ?? throw new OtException($"The type '{name}' does not support invert.");
        return type.Invert(edit, Json0Apply.ToSnapshot(value, type));
    }
}
