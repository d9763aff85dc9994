namespace Starling.Ot.Text;

/// <summary>Walks over components in pieces of any length. Behind the end is a skip without end.</summary>
internal ref struct TextUnicodeWalk(ReadOnlySpan<TextUnicodeComponent> components)
{
    private readonly ReadOnlySpan<TextUnicodeComponent> _components = components;
    private int _index;
    private long _offset;

    public readonly bool HasNext => _index < _components.Length;

    public readonly bool IsInsert => HasNext && _components[_index].Kind == TextUnicodeKind.Insert;

    /// <summary>The rest of the current component.</summary>
    public TextUnicodeComponent Next() => Next(long.MaxValue, default);

    /// <summary>At most so much of the current component; all its rest if it is of a kind that is not divided.</summary>
    public TextUnicodeComponent Next(long length, TextUnicodeKind undivided)
    {
        if (!HasNext)
        {
            return TextUnicodeComponent.Skip(length);
        }

        ref readonly var component = ref _components[_index];
        var rest = component.Length - _offset;
        if (rest <= length || (component.Kind == undivided && undivided != TextUnicodeKind.Skip))
        {
            var last = component.Slice(_offset, rest);
            _index++;
            _offset = 0;
            return last;
        }

        var part = component.Slice(_offset, length);
        _offset += length;
        return part;
    }
}
