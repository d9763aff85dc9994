using System.Text;

namespace Starling.Apps.Editor.Export;

/// <summary>Opens and closes marks so that they nest, and closes no more than has to be closed.</summary>
internal sealed class MarkStack(StringBuilder output)
{
    private readonly List<Mark> _open = [];

    /// <summary>Closes what does not go on.</summary>
    public void Keep(IReadOnlyList<Mark> wanted)
    {
        var common = 0;
        while (common < _open.Count && common < wanted.Count && _open[common] == wanted[common])
        {
            common++;
        }

        for (var i = _open.Count - 1; i >= common; i--)
        {
            output.Append(_open[i].Close);
            _open.RemoveAt(i);
        }
    }

    /// <summary>Opens what is wanted and not open, after <see cref="Keep"/> with the same.</summary>
    public void Open(IReadOnlyList<Mark> wanted)
    {
        for (var i = _open.Count; i < wanted.Count; i++)
        {
            output.Append(wanted[i].Open);
            _open.Add(wanted[i]);
        }
    }
}
