using System.Text;

namespace Starling.Ot.RichText;

/// <summary>Makes the change that leads from one rich text to another.</summary>
internal static class DeltaDiff
{
    // What stands for an embed while the texts are compared; whether two embeds are the same is seen to afterwards.
    private const char Embed = '\0';

    public static Delta Compare(RichTextSnapshot before, RichTextSnapshot after)
    {
        var (old, now) = (before.ToOps(), after.ToOps());
        var oldReader = new DeltaReader(old);
        var nowReader = new DeltaReader(now);
        var result = new DeltaBuilder();
        foreach (var (kind, length) in TextDiff.Compare(Text(old), Text(now)))
        {
            for (var rest = length; rest > 0;)
            {
                var step = kind switch
                {
                    DeltaKind.Text => Math.Min(nowReader.Length, rest),
                    DeltaKind.Delete => Math.Min(oldReader.Length, rest),
                    _ => Math.Min(Math.Min(oldReader.Length, nowReader.Length), rest),
                };
                var was = kind == DeltaKind.Text ? default : oldReader.Next(step);
                var becomes = kind == DeltaKind.Delete ? default : nowReader.Next(step);
                Add(result, was, becomes, step);
                rest -= step;
            }
        }

        return result.Build();
    }

    private static void Add(DeltaBuilder result, in DeltaOp was, in DeltaOp becomes, int length)
    {
        if (IsSame(was, becomes))
        {
            result.Add(DeltaOp.Retain(length, AttributeMap.Diff(was.Attributes, becomes.Attributes)));
            return;
        }

        result.Add(becomes);
        result.Add(was.Kind == DeltaKind.None ? default : DeltaOp.Delete(length));
    }

    private static bool IsSame(in DeltaOp was, in DeltaOp becomes) => was.Kind == becomes.Kind
        && (was.Kind == DeltaKind.Text || AttributeMap.SameJson(was.EmbedJson, becomes.EmbedJson));

    private static string Text(DeltaOp[] ops)
    {
        var text = new StringBuilder();
        foreach (var op in ops)
        {
            if (op.Kind == DeltaKind.Text)
            {
                text.Append(op.Text);
            }
            else
            {
                text.Append(Embed);
            }
        }

        return text.ToString();
    }
}
