using System.Text;

namespace Starling.Ot.RichText;

/// <summary>Makes one component of neighbouring runs that are alike.</summary>
internal sealed class RunMerger
{
    private readonly List<DeltaOp> _ops = [];
    private readonly StringBuilder _text = new();
    private AttributeMap? _attributes;

    public void Add(DeltaOp run)
    {
        if (run.Kind != DeltaKind.Text || (_text.Length > 0 && !AttributeMap.Same(_attributes, run.Attributes)))
        {
            End();
        }

        if (run.Kind == DeltaKind.Text)
        {
            _attributes = run.Attributes;
            _text.Append(run.Text);
        }
        else
        {
            _ops.Add(run);
        }
    }

    public DeltaOp[] ToOps()
    {
        End();
        return [.. _ops];
    }

    private void End()
    {
        if (_text.Length > 0)
        {
            _ops.Add(DeltaOp.InsertText(_text.ToString(), _attributes));
            _text.Clear();
        }
    }
}
