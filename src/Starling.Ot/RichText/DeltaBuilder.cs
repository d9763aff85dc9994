using System.Buffers;

namespace Starling.Ot.RichText;

/// <summary>Collects components in normal form: neighbours that can be one are one, and what is inserted stands before what is deleted.</summary>
/// <remarks>Not thread-safe. Its memory is pooled and goes back with <see cref="Build"/>, which ends its life.</remarks>
internal sealed class DeltaBuilder
{
    private const int FirstCapacity = 16;

    // Longer texts stay apart, since joining many pieces one by one would cost the square of their length.
    private const int LongestJoined = 4096;

    private DeltaOp[] _ops = ArrayPool<DeltaOp>.Shared.Rent(FirstCapacity);
    private int _count;

    /// <summary>Adds a component behind the last, which it is joined with if they are alike. Keeps the order of deletes and inserts.</summary>
    public void AddInOrder(DeltaOp op)
    {
        if (op.Length == 0)
        {
            return;
        }

        if (_count == 0 || _ops[_count - 1].Kind != op.Kind)
        {
            Insert(_count, op);
        }
        else
        {
            Add(op);
        }
    }

    public void Add(DeltaOp op)
    {
        if (op.Length == 0)
        {
            return;
        }

        var index = _count;
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
                    Insert(0, op);
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

        Insert(index, op);
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
        if (_count > 0 && _ops[_count - 1] is { Kind: DeltaKind.Retain, Attributes: null })
        {
            _count--;
        }

        return new Delta(ToArray());
    }

    /// <summary>The components as they are; ends the builder's life, too.</summary>
    public DeltaOp[] ToArray()
    {
        var ops = _ops.AsSpan(0, _count).ToArray();
        ArrayPool<DeltaOp>.Shared.Return(_ops, clearArray: true);
        _ops = [];
        _count = 0;
        return ops;
    }

    private void Insert(int index, in DeltaOp op)
    {
        if (_count == _ops.Length)
        {
            var longer = ArrayPool<DeltaOp>.Shared.Rent(Math.Max(FirstCapacity, 2 * _count));
            _ops.AsSpan(0, _count).CopyTo(longer);
            ArrayPool<DeltaOp>.Shared.Return(_ops, clearArray: true);
            _ops = longer;
        }

        _ops.AsSpan(index, _count - index).CopyTo(_ops.AsSpan(index + 1));
        _ops[index] = op;
        _count++;
    }

    private static bool TryMerge(in DeltaOp first, in DeltaOp second, out DeltaOp merged)
    {
        merged = default;
        if (first.Kind != second.Kind || first.Kind is not (DeltaKind.Text or DeltaKind.Retain)
            || (first.Kind == DeltaKind.Text && first.Length + second.Length > LongestJoined) || !AttributeMap.Same(first.Attributes, second.Attributes))
        {
            return false;
        }

        merged = first.Kind == DeltaKind.Text
            ? DeltaOp.InsertText(first.Text + second.Text, first.Attributes)
            : DeltaOp.Retain(checked(first.Length + second.Length), first.Attributes);
        return true;
    }
}
