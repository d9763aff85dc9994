using System.Text.Json.Nodes;
using Starling.Ot.Json;

namespace Starling.Ot.Tests.Json;

public sealed class Json0LawTests
{
    private static readonly Json0Type Type = new();

    [Fact]
    public void Concurrent_operations_converge()
    {
        for (var seed = 0; seed < OtText.Cases / 4; seed++)
        {
            var random = new RandomJson(seed);
            var document = random.Document();
            var (a, b) = (random.Operation(document), random.Operation(document));

            var first = Type.Apply(Type.Apply(document, a), Type.Transform(b, a, OtSide.Left));
            var second = Type.Apply(Type.Apply(document, b), Type.Transform(a, b, OtSide.Right));

            Assert.True(Same(first, second), $"Seed {seed}: {OtText.Text(first)} and {OtText.Text(second)}");
        }
    }

    [Fact]
    public void A_composed_operation_does_what_its_parts_do_and_an_inverted_one_takes_it_back()
    {
        for (var seed = 0; seed < OtText.Cases / 4; seed++)
        {
            var random = new RandomJson(seed);
            var document = random.Document();
            var a = (Json0Operation)random.Operation(document);
            var after = Type.Apply(document, a);
            var b = random.Operation(after);

            Assert.True(Same(Type.Apply(after, b), Type.Apply(document, Type.Compose(a, b))), $"Seed {seed}: compose");
            Assert.True(Same(after, Type.Apply(document, Type.Normalize(a))), $"Seed {seed}: normalize");
            Assert.True(Same(Type.Apply(after, Type.Invert(a, document)), document), $"Seed {seed}: invert");
        }
    }

    // A member that comes back stands last.
    private static bool Same(IOtSnapshot first, IOtSnapshot second) =>
        JsonNode.DeepEquals(JsonNode.Parse(OtText.Text(first)), JsonNode.Parse(OtText.Text(second)));
}
