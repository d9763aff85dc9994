using System.Runtime.InteropServices;

namespace Starling.Ot;

/// <summary>
/// Transforms operations that are lists of steps, where each step presumes those before it, by way of how one step changes another. The order
/// in which steps meet and are joined is that of the npm originals, since the results have to agree.
/// </summary>
internal abstract class ComponentTransform<T>
    where T : notnull
{
    /// <summary>Changes an operation so that it does after another what it was meant to do before it.</summary>
    public IReadOnlyList<T> Transform(IReadOnlyList<T> changed, IReadOnlyList<T> other, OtSide side)
    {
        if (other.Count == 0)
        {
            return changed;
        }

        if (changed.Count == 1 && other.Count == 1)
        {
            var result = new List<T>();
            Transform(result, changed[0], other[0], side);
            return result;
        }

        return side == OtSide.Left ? TransformBoth([.. changed], [.. other]).Left : TransformBoth([.. other], [.. changed]).Right;
    }

    /// <summary>Changes one step by another and appends what becomes of it.</summary>
    public abstract void Transform(List<T> result, T changed, T other, OtSide side);

    /// <summary>Appends a step, joining it with the last where that is possible.</summary>
    public abstract void Append(List<T> result, T component);

    private (List<T> Left, List<T> Right) TransformBoth(ReadOnlySpan<T> left, ReadOnlySpan<T> right)
    {
        var newLeft = new List<T>(left.Length);
        newLeft.AddRange(left);
        var newRight = new List<T>();
        foreach (var step in right)
        {
            newLeft = TransformOver(CollectionsMarshal.AsSpan(newLeft), step, newRight);
        }

        return (newLeft, newRight);
    }

    // Carries all of the left over one step of the right, and what becomes of that step over all of the left.
    private List<T> TransformOver(ReadOnlySpan<T> left, T right, List<T> newRight)
    {
        var newLeft = new List<T>(left.Length);
        for (var i = 0; i < left.Length; i++)
        {
            var next = new List<T>(1);
            Transform(newLeft, left[i], right, OtSide.Left);
            Transform(next, right, left[i], OtSide.Right);
            if (next.Count == 1)
            {
                right = next[0];
                continue;
            }

            var (restLeft, restRight) = next.Count == 0
                ? (null, null) : TransformBoth(left[(i + 1)..], CollectionsMarshal.AsSpan(next));
            foreach (var step in restLeft ?? [.. left[(i + 1)..]])
            {
                Append(newLeft, step);
            }

            foreach (var step in restRight ?? [])
            {
                Append(newRight, step);
            }

            return newLeft;
        }

        Append(newRight, right);
        return newLeft;
    }
}
