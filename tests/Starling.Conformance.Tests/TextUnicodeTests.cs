using System.Buffers;
using System.Text;
using System.Text.Json;
using Starling.Ot;
using Starling.Ot.Text;

namespace Starling.Conformance.Tests;

/// <summary>Plain text gives, byte for byte, what the npm package <c>ot-text-unicode</c> gives.</summary>
public sealed class TextUnicodeTests
{
    private const int Cases = 6_000;

    private static readonly TextUnicodeType Type = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_cases_agree_with_Node(int seed)
    {
        var lines = (await NodeScenario.RunAsync("text-unicode", $"{seed}", $"{Cases}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
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

        Same("document", document.WriteTo);
        Same("a", a.WriteTo);
        Same("afterA", Type.Apply(document, a).WriteTo);
        Same("left", Type.Transform(a, b, OtSide.Left).WriteTo);
        Same("right", Type.Transform(a, b, OtSide.Right).WriteTo);
        Same("composed", Type.Compose(a, c).WriteTo);
        Same("inverted", Type.Invert(a, document).WriteTo);
        Same("movedCursor", output => Type.TransformPresence(Json("cursor"), a, isOwn: false, output));
        Same("movedSelection", output => Type.TransformPresence(Json("selection"), a, isOwn: false, output));
    }
}
