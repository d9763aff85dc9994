using System.Runtime.InteropServices;

namespace Starling.Ot.Text;

/// <summary>Collects components in normal form: neighbours of one kind are one.</summary>
internal sealed class TextUnicodeBuilder
{
    private readonly List<TextUnicodeComponent> _components = [];

    public void Add(in TextUnicodeComponent component)
    {
        if (component.Length == 0)
        {
            return;
        }

        if (_components.Count > 0 && _components[^1].Kind == component.Kind)
        {
            ref var last = ref CollectionsMarshal.AsSpan(_components)[^1];
            last = last.Join(component);
            return;
        }

        _components.Add(component);
    }

    /// <summary>The operation, without a skip at the end.</summary>
    public TextUnicodeOperation Build()
    {
        if (_components.Count > 0 && _components[^1].Kind == TextUnicodeKind.Skip)
        {
            _components.RemoveAt(_components.Count - 1);
        }

        return new TextUnicodeOperation([.. _components]);
    }
}
