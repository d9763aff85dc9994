using System.Buffers;
using System.Text;
using System.Text.Json;
using Starling.Ot;
using Starling.Ot.Json;

namespace Starling.Conformance.Tests;

/// <summary>json0 gives, byte for byte, what the npm package <c>ot-json0</c> gives.</summary>
public sealed class Json0Tests
{
    private const int Cases = 6_000;

    private static readonly Json0Type Type = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_cases_agree_with_Node(int seed)
    {
        var lines = (await NodeScenario.RunAsync("json0", $"{seed}", $"{Cases}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Cases, lines.Length);
        foreach (var line in lines)
        {
            Check(line);
        }
    }

    [Fact]
    public async Task All_pairs_of_changes_to_a_short_list_agree_with_Node()
    {
        var lines = (await NodeScenario.RunAsync("json0", "lists", "0")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(45 * 45, lines.Length);
        foreach (var line in lines)
        {
            Check(line);
        }
    }

    private static void Check(string line)
    {
        using var parsed = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 128 });
        var item = parsed.RootElement;
        byte[] Json(string name) => Encoding.UTF8.GetBytes(item.GetProperty(name).GetRawText());
        var document = Type.ReadSnapshot(Json("document"));
        var (a, b, c) = (Type.ReadOperation(Json("a")), Type.ReadOperation(Json("b")), Type.ReadOperation(Json("c")));

        void Same(string name, Func<Action<IBufferWriter<byte>>> make)
        {
            var output = new ArrayBufferWriter<byte>();
            try
            {
                make()(output);
            }
            catch (OtException exception)
            {
                output.Write("\"error\""u8);
                Assert.True(output.WrittenSpan.SequenceEqual(Json(name)), $"{name}: {exception.Message} in\n{line}");
            }

            Assert.True(output.WrittenSpan.SequenceEqual(Json(name)), $"{name} is {Encoding.UTF8.GetString(output.WrittenSpan)} in\n{line}");
        }

        Same("document", () => document.WriteTo);
        Same("a", () => a.WriteTo);
        Same("afterA", () => Type.Apply(document, a).WriteTo);
        Same("left", () => Type.Transform(a, b, OtSide.Left).WriteTo);
        Same("right", () => Type.Transform(a, b, OtSide.Right).WriteTo);
        Same("composed", () => Type.Compose(a, c).WriteTo);
        Same("normalized", () => Type.Normalize(a).WriteTo);
        Same("inverted", () => Type.Invert(a, document).WriteTo);
    }
}
