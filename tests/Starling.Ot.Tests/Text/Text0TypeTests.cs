using Starling.Ot.Text;

namespace Starling.Ot.Tests.Text;

public sealed class Text0TypeTests
{
    private static readonly Text0Type Type = new();

    [Fact]
    public void Concurrent_operations_converge_and_compose_and_are_taken_back()
    {
        for (var seed = 0; seed < OtText.Cases; seed++)
        {
            var random = new Random(seed);
            var document = Type.Document($"\"{new string('x', random.Next(3) * 700)}some text\"");
            var (a, b) = (RandomOperation(random, document), RandomOperation(random, document));
            var (afterA, afterB) = (Type.Apply(document, a), Type.Apply(document, b));
            var (b2, a2) = (Type.Transform(b, a, OtSide.Left), Type.Transform(a, b, OtSide.Right));

            Assert.Equal(OtText.Text(Type.Apply(afterA, b2)), OtText.Text(Type.Apply(afterB, a2)));
            Assert.Equal(OtText.Text(Type.Apply(afterA, b2)), OtText.Text(Type.Apply(document, Type.Compose(a, b2))));
            Assert.Equal(OtText.Text(document), OtText.Text(Type.Apply(afterA, Type.Invert(a, document))));
        }
    }

    [Theory]
    [InlineData("\"ab\"", """[{"p":3,"i":"x"}]""")]
    [InlineData("\"ab\"", """[{"p":1,"d":"bc"}]""")]
    [InlineData("\"ab\"", """[{"p":0,"d":"b"}]""")]
    public void What_does_not_fit_is_refused(string document, string operation) => Assert.Throws<OtException>(() => Type.Apply(document, operation));

    [Fact]
    public void An_empty_document_is_an_empty_text()
    {
        Assert.Equal("\"\"", OtText.Text(Type.Document("")));
        Assert.Equal("\"\"", OtText.Text(Type.Document("null")));
        Assert.Throws<OtException>(() => Type.Document("1"));
    }

    private static IOtOperation RandomOperation(Random random, IOtSnapshot document)
    {
        var text = ((Utf16Text)document).ToString();
        var components = new List<string>();
        for (var i = random.Next(4); i > 0; i--)
        {
            var at = random.Next(text.Length + 1);
            if (random.Next(2) == 0)
            {
                var inserted = new string('a', random.Next(4));
                text = text.Insert(at, inserted);
                components.Add($$"""{"p":{{at}},"i":"{{inserted}}"}""");
            }
            else
            {
                var deleted = text.Substring(at, Math.Min(random.Next(5), text.Length - at));
                text = text.Remove(at, deleted.Length);
                components.Add($$"""{"p":{{at}},"d":"{{deleted}}"}""");
            }
        }

        return Type.Operation("[" + string.Join(',', components) + "]");
    }
}
