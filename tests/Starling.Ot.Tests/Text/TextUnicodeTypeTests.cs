using Starling.Ot.Text;

namespace Starling.Ot.Tests.Text;

public sealed class TextUnicodeTypeTests
{
    private static readonly TextUnicodeType Type = new();

    private static readonly string[] Words = ["\"a\"", "\"bc\"", "\"\\n\"", "\"😀\"", "\"x👩‍👩‍👧y\"", $"\"{new string('z', 1_500)}\""];

    [Fact]
    public void Concurrent_operations_converge()
    {
        for (var seed = 0; seed < OtText.Cases; seed++)
        {
            var random = new Random(seed);
            var document = RandomDocument(random);
            var (a, b) = (RandomOperation(random, document), RandomOperation(random, document));

            var first = Type.Apply(Type.Apply(document, a), Type.Transform(b, a, OtSide.Left));
            var second = Type.Apply(Type.Apply(document, b), Type.Transform(a, b, OtSide.Right));

            Assert.True(OtText.Text(first) == OtText.Text(second), $"Seed {seed}: {OtText.Text(first)} and {OtText.Text(second)}");
        }
    }

    [Fact]
    public void A_composed_operation_does_what_its_parts_do_and_an_inverted_one_takes_it_back()
    {
        for (var seed = 0; seed < OtText.Cases; seed++)
        {
            var random = new Random(seed);
            var document = RandomDocument(random);
            var a = RandomOperation(random, document);
            var after = Type.Apply(document, a);
            var b = RandomOperation(random, after);

            Assert.True(OtText.Text(Type.Apply(after, b)) == OtText.Text(Type.Apply(document, Type.Compose(a, b))), $"Seed {seed}: compose");
            Assert.True(OtText.Text(Type.Apply(after, Type.Invert(a, document))) == OtText.Text(document), $"Seed {seed}: invert");
        }
    }

    [Theory]
    [InlineData("\"ab\"", """[1,"x"]""", "\"axb\"")]
    [InlineData("\"a😀b\"", """[1,{"d":1},"é"]""", "\"aéb\"")]
    [InlineData("\"a😀b\"", """[2,{"d":"b"}]""", "\"a😀\"")]
    [InlineData("\"\"", "[]", "\"\"")]
    public void Applies(string document, string operation, string expected) => Assert.Equal(expected, Type.Apply(document, operation));

    [Fact]
    public void Of_two_inserts_at_one_place_the_left_one_comes_first()
    {
        Assert.Equal("""["L"]""", Type.Transform("""["L"]""", """["R"]""", OtSide.Left));
        Assert.Equal("""[1,"R"]""", Type.Transform("""["R"]""", """["L"]""", OtSide.Right));
    }

    [Theory]
    [InlineData("""[3,"x"]""")]
    [InlineData("""[1,{"d":2}]""")]
    public void An_operation_beyond_the_end_is_refused(string operation)
    {
        Assert.Contains("too long", Assert.Throws<OtException>(() => Type.Apply("\"a😀\"", operation)).Message, StringComparison.Ordinal);
        Assert.Throws<OtException>(() => Type.Invert(Type.Operation(operation), Type.Document("\"a😀\"")));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("[1]")]
    [InlineData("""[1,1,"a"]""")]
    [InlineData("""[0,"a"]""")]
    [InlineData("""[-1,"a"]""")]
    [InlineData("""[0.5,"a"]""")]
    [InlineData("""[1e18,"a"]""")]
    [InlineData("""[""]""")]
    [InlineData("""[{"d":0}]""")]
    [InlineData("""[{"d":""}]""")]
    [InlineData("""[{"d":[]}]""")]
    [InlineData("[{}]")]
    [InlineData("[null]")]
    [InlineData("[true]")]
    [InlineData("""["\ud83d"]""")]
    [InlineData("""["\ude00\ud83d"]""")]
    public void What_is_no_operation_is_refused(string json) => Assert.Throws<OtException>(() => Type.Operation(json));

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"\\ud83dx\"")]
    public void What_is_no_text_is_refused(string json) => Assert.Throws<OtException>(() => Type.Document(json));

    [Theory]
    [InlineData("null", """["x"]""", false, "null")]
    [InlineData("1", """["😀"]""", false, "2")]
    [InlineData("1", """[1,"xy"]""", false, "1")]
    [InlineData("1", """[1,"xy"]""", true, "3")]
    [InlineData("[4,1]", """[1,{"d":2}]""", false, "[2,1]")]
    public void Moves_cursors_and_selections(string presence, string operation, bool isOwn, string expected) =>
        Assert.Equal(expected, Type.Presence(presence, operation, isOwn));

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("-1")]
    public void What_is_no_presence_is_refused(string presence) => Assert.Throws<OtException>(() => Type.Presence(presence, "[]", isOwn: false));

    [Fact]
    public void Typing_in_a_long_text_copies_no_more_than_a_piece_of_it()
    {
        var document = Type.Document($"\"{new string('x', 1_000_000)}😀\"");
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            document = Type.Apply(document, Type.Operation($$"""[{{500_000 + i}},"y"]"""));
        }

        Assert.Equal(1_001_001, ((TextUnicodeSnapshot)document).Length);
        Assert.True((GC.GetAllocatedBytesForCurrentThread() - allocated) / 1_000 < 30_000);
    }

    private static IOtSnapshot RandomDocument(Random random) =>
        Type.Document($"\"{string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => random.Pick(Words).Trim('"')))}\"");

    private static IOtOperation RandomOperation(Random random, IOtSnapshot document)
    {
        var rest = (int)((TextUnicodeSnapshot)document).Length;
        var components = new List<string>();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var length = random.Next(rest + 1);
            switch (random.Next(3))
            {
                case 0:
                    components.Add(random.Pick(Words));
                    break;
                case 1 when length > 0:
                    components.Add($$"""{"d":{{length}}}""");
                    rest -= length;
                    break;
                case 2 when length > 0 && (components.Count == 0 || !char.IsDigit(components[^1][0])):
                    components.Add($"{length}");
                    rest -= length;
                    break;
            }
        }

        if (components.Count > 0 && char.IsDigit(components[^1][0]))
        {
            components.RemoveAt(components.Count - 1);
        }

        return Type.Operation("[" + string.Join(',', components) + "]");
    }
}
