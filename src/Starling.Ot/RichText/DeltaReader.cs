namespace Starling.Ot.RichText;

/// <summary>Walks over components in pieces of any length. Behind the end is a retain without end.</summary>
internal ref struct DeltaReader(ReadOnlySpan<DeltaOp> ops)
{
    private readonly ReadOnlySpan<DeltaOp> _ops = ops;
    private int _index;
    private int _offset;

    public readonly bool HasNext => _index < _ops.Length;

    public readonly DeltaKind Kind => HasNext ? _ops[_index].Kind : DeltaKind.Retain;

    public readonly bool IsInsert => Kind is DeltaKind.Text or DeltaKind.Embed;

    /// <summary>What is left of the current component.</summary>
    public readonly int Length => HasNext ? _ops[_index].Length - _offset : int.MaxValue;

    public readonly AttributeMap? Attributes => HasNext ? _ops[_index].Attributes : null;

    /// <summary>The rest of the current component.</summary>
    public DeltaOp Next() => Next(Length);

    /// <summary>At most so much of the current component.</summary>
    public DeltaOp Next(int length)
    {
        if (!HasNext)
        {
            return DeltaOp.Retain(length);
        }

        ref readonly var op = ref _ops[_index];
        var rest = op.Length - _offset;
        if (length >= rest)
        {
            var whole = op.Slice(_offset, rest);
            _index++;
            _offset = 0;
            return whole;
        }

        var part = op.Slice(_offset, length);
        _offset += length;
        return part;
    }
}
