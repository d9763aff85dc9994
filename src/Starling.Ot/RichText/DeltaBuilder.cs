namespace Starling.Ot.RichText;

/// <summary>Collects components in normal form: neighbours that can be one are one, and what is inserted stands before what is deleted.</summary>
internal sealed class DeltaBuilder
{
    private readonly List<DeltaOp> _ops = [];

    public void Add(DeltaOp op)
    {
        if (op.Length == 0)
        {
            return;
        }

        var index = _ops.Count;
        if (index > 0)
        {
            var last = _ops[index - 1];
            if (op.Kind == DeltaKind.Delete && last.Kind == DeltaKind.Delete)
            {
                _ops[index - 1] = DeltaOp.Delete(checked(last.Length + op.Length));
                return;
            }

            // It makes no difference to the text, and so there is one form for both.
            if (last.Kind == DeltaKind.Delete && op.IsInsert)
            {
                index--;
                if (index == 0)
                {
                    _ops.Insert(0, op);
                    return;
                }

                last = _ops[index - 1];
            }

            if (TryMerge(last, op, out var merged))
            {
                _ops[index - 1] = merged;
                return;
            }
        }

        _ops.Insert(index, op);
    }

    /// <summary>Adds components that are in normal form among themselves.</summary>
    public void AddAll(ReadOnlySpan<DeltaOp> ops)
    {
        foreach (var op in ops)
        {
            Add(op);
        }
    }

    /// <summary>The delta, without a retain at the end that does nothing.</summary>
    public Delta Build()
    {
        if (_ops.Count > 0 && _ops[^1] is { Kind: DeltaKind.Retain, Attributes: null })
        {
            _ops.RemoveAt(_ops.Count - 1);
        }

        return new Delta([.. _ops]);
    }

    /// <summary>The components as they are.</summary>
    public DeltaOp[] ToArray() => [.. _ops];

    private static bool TryMerge(in DeltaOp first, in DeltaOp second, out DeltaOp merged)
    {
        merged = default;
        if (first.Kind != second.Kind || first.Kind is not (DeltaKind.Text or DeltaKind.Retain) || !AttributeMap.Same(first.Attributes, second.Attributes))
        {
            return false;
        }

        merged = first.Kind == DeltaKind.Text
            ? DeltaOp.InsertText(first.Text + second.Text, first.Attributes)
            : DeltaOp.Retain(checked(first.Length + second.Length), first.Attributes);
        return true;
    }
}
