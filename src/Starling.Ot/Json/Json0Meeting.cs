namespace Starling.Ot.Json;

/// <summary>
/// Two concurrent steps on one document, one of which is to be changed so that it comes after the other. Where both want the same, the left wins.
/// </summary>
internal readonly ref struct Json0Meeting
{
    private readonly Json0Component _changed;
    private readonly Json0Component _other;
    private readonly OtSide _side;
    private readonly Json0Segment? _mine;
    private readonly Json0Segment? _theirs;

    public Json0Meeting(Json0Component changed, Json0Component other, OtSide side)
    {
        _changed = changed;
        _other = other;
        _side = side;
        Common = CommonLength(other, changed);
        _mine = At(changed, Common);
        _theirs = At(other, Common);
    }

    /// <summary>How long the common part of the path is up to what the other changes; null if that does not touch this.</summary>
    public int? Common { get; }

    /// <summary>Whether the other changes something within what this deletes.</summary>
    public bool ChangesDeleted =>
        (_changed.ListDeleted is not null || _changed.ObjectDeleted is not null) && _other.Reach > _changed.Reach
        && CommonLength(_changed, _other) is { } common && IsAlike(At(_changed, common), At(_other, common));

    private bool IsLevel => _changed.Reach == _other.Reach;

    private bool IsSame => _mine == _theirs;

    private bool TheyAreBefore => Theirs < Mine;

    // A place that is no index, which only operations on different documents can have, is neither before nor after any.
    private long? Mine => _mine?.AsIndex();

    private long? Theirs => _theirs?.AsIndex();

    /// <summary>What becomes of this where <see cref="Common"/> is known; none, one or two steps.</summary>
    public Json0Component[] Transform()
    {
        if (_other.ListInserted is not null || _other.ListDeleted is not null)
        {
            return Of(_other.ListInserted is null ? OverListDelete() : _other.ListDeleted is null ? OverListInsert() : OverListReplace());
        }

        if (_other.MovedTo is { } target)
        {
            return Of(OverMove(target));
        }

        return _other.ObjectInserted is null
            ? Of(_other.ObjectDeleted is null ? _changed : OverObjectDelete())
            : _other.ObjectDeleted is null ? OverObjectInsert() : Of(OverObjectReplace());
    }

    private static Json0Component[] Of(Json0Component? component) => component is null ? [] : [component];

    private static Json0Segment? At(Json0Component component, int? index) =>
        index is >= 0 and var at && at < component.Segments.Length ? component.Segments[at] : null;

    private static bool IsAlike(Json0Segment? first, Json0Segment? second) =>
        first == second || (first is { } one && second is { } other && one.IsAlike(other));

    // The length of the first's path without its last step, if the second's begins with that; -1 for the whole document.
    private static int? CommonLength(Json0Component first, Json0Component second)
    {
        if (first.Reach == 0)
        {
            return -1;
        }

        var (length, most) = (first.Reach - 1, second.Reach - 1);
        if (most < length)
        {
            return null;
        }

        for (var i = 0; i < length; i++)
        {
            if (first.Segments[i] != second.Segments[i])
            {
                return null;
            }
        }

        return length;
    }

    private Json0Component At(long index) => _changed.WithSegment(Common!.Value, new Json0Segment(index));

    private Json0Component? OverListReplace()
    {
        if (!IsSame)
        {
            return _changed;
        }

        if (!IsLevel)
        {
            return null;
        }

        if (_changed.ListDeleted is null)
        {
            return _changed;
        }

        // Of two replacements only one can stay.
        return _changed.ListInserted is not null && _side == OtSide.Left ? _changed with { ListDeleted = _other.ListInserted } : null;
    }

    private Json0Component OverListInsert()
    {
        var isInsert = _changed.ListInserted is not null && _changed.ListDeleted is null;
        var isPushed = isInsert && IsLevel && IsSame ? _side == OtSide.Right : Theirs <= Mine;
        var result = isPushed ? At(Mine!.Value + 1) : _changed;
        return IsLevel && _changed.MovedTo is { } target && Theirs <= target ? result with { MovedTo = target + 1 } : result;
    }

    private Json0Component? OverListDelete()
    {
        var result = _changed;
        if (IsLevel && _changed.MovedTo is { } target)
        {
            if (IsSame)
            {
                return null;
            }

            if (Theirs < target || (Theirs == target && Mine < target))
            {
                result = result with { MovedTo = target - 1 };
            }
        }

        if (TheyAreBefore)
        {
            return result.WithSegment(Common!.Value, new Json0Segment(Mine!.Value - 1));
        }

        if (!IsSame)
        {
            return result;
        }

        if (_other.Reach < _changed.Reach)
        {
            return null;
        }

        // What replaces what they have deleted is only inserted; deleting it again is nothing.
        return _changed.ListDeleted is null ? result
            : _changed.ListInserted is null ? null
            : result with { ListDeleted = null };
    }

    private Json0Component? OverMove(long target)
    {
        if (Mine is not { } mine || Theirs is not { } from)
        {
            return _changed;
        }

        var move = new Json0Move(from, target);
        if (!IsLevel)
        {
            return At(move.Follow(mine));
        }

        if (_changed.MovedTo is { } to)
        {
            return move.Transform(new Json0Move(mine, to), _side) is { } moved ? At(moved.From) with { MovedTo = moved.To } : null;
        }

        // What is inserted comes between items, and does not move with one.
        var isInsert = _changed.ListInserted is not null && _changed.ListDeleted is null;
        return At(isInsert ? move.FollowGap(mine) : move.Follow(mine));
    }

    private Json0Component? OverObjectReplace()
    {
        if (!IsSame)
        {
            return _changed;
        }

        return _changed.ObjectInserted is not null && IsLevel && _side == OtSide.Left ? _changed with { ObjectDeleted = _other.ObjectInserted } : null;
    }

    private Json0Component[] OverObjectInsert()
    {
        if (_changed.ObjectInserted is null || !IsSame)
        {
            return [_changed];
        }

        return _side == OtSide.Left
            ? [new Json0Component(_changed.Segments) { ObjectDeleted = _other.ObjectInserted }, _changed]
            : [];
    }

    private Json0Component? OverObjectDelete()
    {
        if (!IsAlike(_mine, _theirs))
        {
            return _changed;
        }

        return IsLevel && _changed.ObjectInserted is not null ? _changed with { ObjectDeleted = null } : null;
    }
}
