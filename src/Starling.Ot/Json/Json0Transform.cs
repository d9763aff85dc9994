using System.Collections.Frozen;
using Starling.Ot.Text;

namespace Starling.Ot.Json;

/// <summary>How the steps of json0 operations are joined and change each other.</summary>
internal sealed class Json0Transform(FrozenDictionary<string, IOtType> subtypes, Json0Apply apply) : ComponentTransform<Json0Component>
{
    // A copy does not grow far beyond what an operation may be, whatever another type makes of it.
    private const int MaxCopyLength = 1 << 20;

    public override void Append(List<Json0Component> result, Json0Component component)
    {
        if (result.Count == 0)
        {
            result.Add(component);
            return;
        }

        var last = result[^1];
        if (last.IsText && component.IsText)
        {
            AppendText(result, last, component);
        }
        else if (!component.Segments.AsSpan().SequenceEqual(last.Segments))
        {
            result.Add(component);
        }
        else if (IsKnown(last) && component.Edit is not null && last.EditType == component.EditType)
        {
            result[^1] = last with { Edit = Composable(last.EditType!).Compose(last.Edit!, component.Edit) };
        }
        else
        {
            AppendAtSamePath(result, last, component);
        }
    }

    public override void Transform(List<Json0Component> result, Json0Component changed, Json0Component other, OtSide side)
    {
        var meeting = new Json0Meeting(changed, other, side);
        if (meeting.ChangesDeleted)
        {
            changed = WithContentAfter(changed, other);
            meeting = new Json0Meeting(changed, other, side);
        }

        if (meeting.Common is null)
        {
            Append(result, changed);
        }
        else if (changed.IsText && other.IsText)
        {
            TransformText(result, changed, other, side);
        }
        else if (IsKnown(other))
        {
            TransformEdit(result, changed, other, side);
        }
        else
        {
            foreach (var component in meeting.Transform())
            {
                Append(result, component);
            }
        }
    }

    private static void AppendText(List<Json0Component> result, Json0Component last, Json0Component component)
    {
        var text = component.Segments.AsSpan()[..^1];
        if (!text.SequenceEqual(last.Segments.AsSpan()[..^1]))
        {
            result.Add(component);
            return;
        }

        List<Text0Component> steps = [last.ToText()];
        Text0Transform.Instance.Append(steps, component.ToText());
        result[^1] = Json0Component.OfText(text, steps[0]);
        if (steps.Count > 1)
        {
            result.Add(Json0Component.OfText(text, steps[1]));
        }
    }

    private static void AppendAtSamePath(List<Json0Component> result, Json0Component last, Json0Component next)
    {
        if (last.Added is { } first && next.Added is { } second)
        {
            result[^1] = last with { Added = double.IsFinite(first + second) ? first + second : throw new OtException("The sum is too large for a number") };
        }
        else if (last.ListInserted is { } item && next.ListInserted is null && next.ListDeleted is { } taken && item.IsSame(taken))
        {
            Replace(result, last.ListDeleted is null ? null : last with { ListInserted = null });
        }
        else if (last is { ObjectDeleted: not null, ObjectInserted: null } && next is { ObjectInserted: not null, ObjectDeleted: null })
        {
            result[^1] = last with { ObjectInserted = next.ObjectInserted };
        }
        else if (last.ObjectInserted is not null && next.ObjectDeleted is not null)
        {
            var nothingLeft = next.ObjectInserted is null && last.ObjectDeleted is null;
            Replace(result, nothingLeft ? null : last with { ObjectInserted = next.ObjectInserted });
        }
        else if (next.MovedTo is null || next.Segments[^1] != new Json0Segment(next.MovedTo.Value))
        {
            result.Add(next);
        }
    }

    private static void Replace(List<Json0Component> result, Json0Component? last)
    {
        result.RemoveAt(result.Count - 1);
        if (last is not null)
        {
            result.Add(last);
        }
    }

    private void TransformText(List<Json0Component> result, Json0Component changed, Json0Component other, OtSide side)
    {
        var steps = new List<Text0Component>();
        Text0Transform.Instance.Transform(steps, changed.ToText(), other.ToText(), side);
        foreach (var step in steps)
        {
            Append(result, Json0Component.OfText(changed.Segments.AsSpan()[..^1], step));
        }
    }

    private void TransformEdit(List<Json0Component> result, Json0Component changed, Json0Component other, OtSide side)
    {
        if (changed.Edit is null || changed.EditType != other.EditType)
        {
            Append(result, changed);
            return;
        }

        var edit = subtypes[changed.EditType!].Transform(changed.Edit, other.Edit!, side);
        if (!edit.IsNoOp)
        {
            Append(result, changed with { Edit = edit });
        }
    }

    // What is deleted, and comes back when that is undone, has changed meanwhile.
    private Json0Component WithContentAfter(Json0Component changed, Json0Component other)
    {
        var path = other.Segments.AsSpan(changed.Reach);
        try
        {
            return changed.ListDeleted is not null
                ? changed with { ListDeleted = apply.Apply(changed.ListDeleted, other, path, MaxCopyLength) }
                : changed with { ObjectDeleted = apply.Apply(changed.ObjectDeleted!, other, path, MaxCopyLength) };
        }
        catch (OtException)
        {
            // The copy is not what the document has there. It counts for nothing but undoing, so it stays as its sender gave it.
            return changed;
        }
    }

    private static bool IsKnown(Json0Component component) => component.Edit is not (null or UnknownEdit);

    private IComposableType Composable(string name) =>
        subtypes[name] as IComposableType ?? throw new OtException($"The type '{name}' does not support compose.");
}
