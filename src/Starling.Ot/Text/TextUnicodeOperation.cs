using System.Buffers;

namespace Starling.Ot.Text;

/// <summary>A change to a text: what to skip, insert and delete, from the beginning on. Immutable.</summary>
public sealed class TextUnicodeOperation : IOtOperation
{
    private readonly TextUnicodeComponent[] _components;

    internal TextUnicodeOperation(TextUnicodeComponent[] components) => _components = components;

    /// <inheritdoc/>
    public bool IsNoOp => _components.Length == 0;

    internal ReadOnlySpan<TextUnicodeComponent> Components => _components;

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write("["u8);
        for (var i = 0; i < _components.Length; i++)
        {
            output.Write(i == 0 ? [] : ","u8);
            _components[i].WriteTo(output);
        }

        output.Write("]"u8);
    }

    /// <summary>Joins two changes, the second made after the first.</summary>
    internal static TextUnicodeOperation Compose(TextUnicodeOperation first, TextUnicodeOperation second)
    {
        var result = new TextUnicodeBuilder();
        var walk = new TextUnicodeWalk(first.Components);
        foreach (var component in second.Components)
        {
            if (component.Kind == TextUnicodeKind.Insert)
            {
                result.Add(component);
                continue;
            }

            for (var done = 0L; done < component.Length;)
            {
                var part = walk.Next(component.Length - done, undivided: TextUnicodeKind.Delete);
                if (part.Kind == TextUnicodeKind.Delete || component.Kind == TextUnicodeKind.Skip)
                {
                    result.Add(part);
                }
                else if (part.Kind == TextUnicodeKind.Skip)
                {
                    result.Add(component.Slice(done, part.Length));
                }

                done += part.Kind == TextUnicodeKind.Delete ? 0 : part.Length;
            }
        }

        return Finish(result, ref walk);
    }

    /// <summary>Changes an operation so that it does after another what it was meant to do before it.</summary>
    internal static TextUnicodeOperation Transform(TextUnicodeOperation changed, TextUnicodeOperation other, OtSide side)
    {
        var result = new TextUnicodeBuilder();
        var walk = new TextUnicodeWalk(changed.Components);
        foreach (var component in other.Components)
        {
            if (component.Kind == TextUnicodeKind.Insert)
            {
                // Of two inserts at one place the left one's comes first.
                if (side == OtSide.Left && walk.IsInsert)
                {
                    result.Add(walk.Next());
                }

                result.Add(TextUnicodeComponent.Skip(component.Length));
                continue;
            }

            for (var rest = component.Length; rest > 0;)
            {
                var part = walk.Next(rest, undivided: TextUnicodeKind.Insert);
                if (part.Kind == TextUnicodeKind.Insert || component.Kind == TextUnicodeKind.Skip)
                {
                    result.Add(part);
                }

                // What both delete is gone.
                rest -= part.Kind == TextUnicodeKind.Insert ? 0 : part.Length;
            }
        }

        return Finish(result, ref walk);
    }

    /// <summary>Where a position is after this change.</summary>
    /// <param name="position">The position.</param>
    /// <param name="stays">Whether it stays before what is inserted at it.</param>
    internal long TransformPosition(long position, bool stays)
    {
        var at = 0L;
        foreach (var component in _components)
        {
            if (at > position || (at == position && (stays || component.Kind != TextUnicodeKind.Insert)))
            {
                break;
            }

            switch (component.Kind)
            {
                case TextUnicodeKind.Skip:
                    at += component.Length;
                    break;
                case TextUnicodeKind.Insert:
                    at += component.Length;
                    position += component.Length;
                    break;
                default:
                    position -= Math.Min(component.Length, position - at);
                    break;
            }
        }

        return position;
    }

    private static TextUnicodeOperation Finish(TextUnicodeBuilder result, ref TextUnicodeWalk walk)
    {
        while (walk.HasNext)
        {
            result.Add(walk.Next());
        }

        return result.Build();
    }
}
