namespace Starling.Ot.Text;

/// <summary>How the steps of text0 operations change each other.</summary>
internal sealed class Text0Transform : ComponentTransform<Text0Component>
{
    public static readonly Text0Transform Instance = new();

    public override void Append(List<Text0Component> result, Text0Component component)
    {
        if (component.Text.Length == 0)
        {
            return;
        }

        if (result.Count > 0 && TryJoin(result[^1], component, out var joined))
        {
            result[^1] = joined;
        }
        else
        {
            result.Add(component);
        }
    }

    public override void Transform(List<Text0Component> result, Text0Component changed, Text0Component other, OtSide side)
    {
        if (changed.IsInsert)
        {
            Append(result, changed with { Position = TransformPosition(changed.Position, other, side == OtSide.Right) });
        }
        else if (other.IsInsert)
        {
            DeleteOverInsert(result, changed, other);
        }
        else
        {
            DeleteOverDelete(result, changed, other);
        }
    }

    /// <summary>Where a place is after a step; <paramref name="isPushed"/> says whether what is inserted just there comes before it.</summary>
    public static long TransformPosition(long position, in Text0Component step, bool isPushed)
    {
        if (step.IsInsert)
        {
            return step.Position < position || (step.Position == position && isPushed) ? position + step.Text.Length : position;
        }

        return position <= step.Position ? position : Math.Max(step.Position, position - step.Text.Length);
    }

    private static bool TryJoin(in Text0Component last, in Text0Component next, out Text0Component joined)
    {
        joined = default;
        if (last.IsInsert && next.IsInsert && last.Position <= next.Position && next.Position <= last.End)
        {
            joined = last with { Text = last.Text.Insert((int)(next.Position - last.Position), next.Text) };
            return true;
        }

        if (!last.IsInsert && !next.IsInsert && next.Position <= last.Position && last.Position <= next.End)
        {
            joined = next with { Text = next.Text.Insert((int)(last.Position - next.Position), last.Text) };
            return true;
        }

        return false;
    }

    // What is inserted amid the deleted text stays.
    private void DeleteOverInsert(List<Text0Component> result, in Text0Component changed, in Text0Component other)
    {
        var text = changed.Text;
        if (changed.Position < other.Position)
        {
            var before = (int)Math.Min(other.Position - changed.Position, text.Length);
            Append(result, changed with { Text = text[..before] });
            text = text[before..];
        }

        Append(result, new Text0Component(changed.Position + other.Text.Length, text, IsInsert: false));
    }

    private void DeleteOverDelete(List<Text0Component> result, in Text0Component changed, in Text0Component other)
    {
        if (changed.Position >= other.End)
        {
            Append(result, changed with { Position = changed.Position - other.Text.Length });
            return;
        }

        if (changed.End <= other.Position)
        {
            Append(result, changed);
            return;
        }

        var (start, end) = (Math.Max(changed.Position, other.Position), Math.Min(changed.End, other.End));
        var (from, to, length) = ((int)(start - changed.Position), (int)(end - changed.Position), (int)(end - start));
        if (!changed.Text.AsSpan(from, length).SequenceEqual(other.Text.AsSpan((int)(start - other.Position), length)))
        {
            throw new OtException("Delete ops delete different text in the same region of the document");
        }

        Append(result, new Text0Component(TransformPosition(changed.Position, other, isPushed: false), changed.Text.Remove(from, to - from), IsInsert: false));
    }
}
