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

        if (component.MovedTo is { } target)
        {
            var last = component.Segments.Length - 1;
            return inverse.WithSegment(last, new Json0Segment(target)) with { MovedTo = component.Segments[last].AsIndex() };
        }

        if (component.ListInserted is not null || component.ListDeleted is not null)
        {
            return inverse with { ListInserted = component.ListDeleted is null ? null : old, ListDeleted = component.ListInserted };
        }

        // An empty document is null, and nothing is deleted to fill it.
        old = component.Segments.Length == 0 && component.ObjectDeleted is null && old == JsonTreeLiteral.Null ? null : old;
        return component.ObjectInserted is null && old is null ? null : inverse with { ObjectInserted = old, ObjectDeleted = component.ObjectInserted };
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
