using System.Buffers;
using System.Text;
using System.Text.Json;
using Starling.Ot;
using Starling.Ot.RichText;

namespace Starling.Conformance.Tests;

/// <summary>Rich text gives what the npm packages <c>rich-text</c> and <c>quill-delta</c> give; documents byte for byte.</summary>
public sealed class RichTextTests
{
    private const int Cases = 4_000;

    private static readonly RichTextType Type = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_cases_agree_with_Node(int seed)
    {
        var lines = (await NodeScenario.RunAsync("rich-text", $"{seed}", $"{Cases}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Cases, lines.Length);
        foreach (var line in lines)
        {
            Check(line);
        }
    }

    private static void Check(string line)
    {
        using var parsed = JsonDocument.Parse(line);
        var item = parsed.RootElement;
        byte[] Json(string name) => Encoding.UTF8.GetBytes(item.GetProperty(name).GetRawText());
        var document = Type.ReadSnapshot(Json("document"));
        var (a, b, c) = (Type.ReadOperation(Json("a")), Type.ReadOperation(Json("b")), Type.ReadOperation(Json("c")));

        void Same(string name, Action<IBufferWriter<byte>> write)
        {
            var output = new ArrayBufferWriter<byte>();
            write(output);
            Assert.True(output.WrittenSpan.SequenceEqual(Json(name)), $"{name} is {Encoding.UTF8.GetString(output.WrittenSpan)} in\n{line}");
        }

        // The original writes the members of some components that it has cut or joined in another order.
        void SameButForOrder(string name, Action<IBufferWriter<byte>> write)
        {
            var output = new ArrayBufferWriter<byte>();
            write(output);
            Assert.True(JsonElement.DeepEquals(Tolerant(output.WrittenSpan), Tolerant(Json(name))), $"{name} is {Encoding.UTF8.GetString(output.WrittenSpan)} in\n{line}");
        }

        Same("document", document.WriteTo);
        SameButForOrder("a", a.WriteTo);
        SameButForOrder("afterA", Type.Apply(document, a).WriteTo);
        SameButForOrder("left", Type.Transform(a, b, OtSide.Left).WriteTo);
        SameButForOrder("right", Type.Transform(a, b, OtSide.Right).WriteTo);
        SameButForOrder("composed", Type.Compose(a, c).WriteTo);
        if (!line.Contains("\"a\":[1,2]", StringComparison.Ordinal))
        {
            // The original compares attributes by identity, so that it takes equal objects for different ones.
            SameButForOrder("inverted", Type.Invert(a, document).WriteTo);
        }

        // Where there is more than one way the algorithms go different ways, to the same end.
        var (after, neighbour) = (Type.Apply(document, a), Type.ReadSnapshot(Json("neighbour")));
        SameButForOrder("afterA", Type.Apply(document, Type.Diff(document, after)).WriteTo);
        SameButForOrder("document", Type.Apply(after, Type.Diff(after, document)).WriteTo);
        if (item.GetProperty("neighbourDiff").ValueKind != JsonValueKind.Null)
        {
            SameButForOrder("neighbourDiff", Type.Diff(document, neighbour).WriteTo);
        }

        Same("own", output => Type.TransformPresence(Json("range"), a, isOwn: true, output));
        Same("others", output => Type.TransformPresence(Json("range"), a, isOwn: false, output));
    }

    // Halves of surrogate pairs, which the parser would refuse to compare, become plain text.
    private static JsonElement Tolerant(ReadOnlySpan<byte> json) =>
        JsonElement.Parse(Encoding.UTF8.GetString(json).Replace("\\u", "u", StringComparison.Ordinal));
}
