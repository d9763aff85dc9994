using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Starling.Ot.RichText;

namespace Starling.Ot.Tests.RichText;

public sealed class RichTextTypeTests
{
    private static readonly RichTextType Type = new();

    // More cases by environment variable: STARLING_OT_CASES=1000000.
    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("STARLING_OT_CASES"), out var cases) ? cases : 20_000;

    [Fact]
    public void Concurrent_operations_converge()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var document = RandomDocument(random);
            var (a, b) = (RandomOperation(random, document), RandomOperation(random, document));

            var first = Type.Apply(Type.Apply(document, a), Type.Transform(b, a, OtSide.Left));
            var second = Type.Apply(Type.Apply(document, b), Type.Transform(a, b, OtSide.Right));

            Assert.True(Same(first, second), $"Seed {seed}: {Text(first)} and {Text(second)}");
        }
    }

    [Fact]
    public void Edits_of_a_long_text_do_what_they_do_to_a_plain_one_wherever_its_pieces_meet()
    {
        var random = new Random(1);
        var text = new StringBuilder(string.Concat(Enumerable.Range(0, 700).Select(i => i + ",")));
        var document = Type.ReadSnapshot(Encoding.UTF8.GetBytes($$"""[{"insert":"{{text}}"}]"""));
        for (var i = 0; i < 5_000; i++)
        {
            // Often at the borders of pieces, which are at multiples of a power of two to begin with.
            var index = random.Next(3) == 0 ? Math.Min(256 * random.Next(12), text.Length) : random.Next(text.Length + 1);
            var removed = random.Next(2) == 0 ? 0 : Math.Min(random.Next(random.Next(10) == 0 ? 700 : 4), text.Length - index);
            var inserted = removed > 0 && random.Next(2) == 0 ? "" : new string((char)('a' + (i % 26)), 1 + random.Next(random.Next(10) == 0 ? 600 : 3));
            text.Remove(index, removed).Insert(index, inserted);
            var retain = index > 0 ? $$"""{"retain":{{index}}},""" : "";
            var insert = inserted.Length > 0 ? $$"""{"insert":"{{inserted}}"},""" : "";
            var delete = removed > 0 ? $$"""{"delete":{{removed}}},""" : "";
            document = Type.Apply(document, Type.ReadOperation(Encoding.UTF8.GetBytes($"[{(retain + insert + delete).TrimEnd(',')}]")));
        }

        var output = new ArrayBufferWriter<byte>();
        document.WriteTo(output);
        Assert.Equal($$"""{"ops":[{"insert":"{{text}}"}]}""", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void A_composed_operation_does_what_its_parts_do_and_an_inverted_one_takes_it_back()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var document = RandomDocument(random);
            var a = RandomOperation(random, document);
            var after = Type.Apply(document, a);
            var b = RandomOperation(random, after);

            Assert.True(Same(Type.Apply(after, b), Type.Apply(document, Type.Compose(a, b))), $"Seed {seed}: compose");
            Assert.True(Same(Type.Apply(after, Type.Invert(a, document)), document), $"Seed {seed}: invert");
        }
    }

    [Fact]
    public void A_tie_puts_what_is_committed_first_and_keeps_its_formatting()
    {
        var committed = Operation("""[{"insert":"A"},{"retain":1,"attributes":{"bold":true}}]""");
        var submitted = Operation("""[{"insert":"B"},{"retain":1,"attributes":{"bold":false,"color":"red"}}]""");

        var result = Type.Apply(Type.Apply(Document("""[{"insert":"x"}]"""), committed), Type.Transform(submitted, committed, OtSide.Left));

        Assert.Equal("""{"ops":[{"insert":"AB"},{"insert":"x","attributes":{"color":"red","bold":true}}]}""", Text(result));
    }

    [Theory]
    [InlineData("""[{"retain":5},{"insert":"q"}]""")]
    [InlineData("""[{"delete":9}]""")]
    [InlineData("""[{"retain":1},{"retain":3,"attributes":{"bold":true}}]""")]
    public void An_operation_beyond_the_end_is_refused(string operation)
    {
        var document = Document("""[{"insert":"ab"}]""");

        Assert.Contains("beyond the end", Assert.Throws<OtException>(() => Type.Apply(document, Operation(operation))).Message, StringComparison.Ordinal);
        Assert.Throws<OtException>(() => Type.Invert(Operation(operation), document));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"ops":1}""")]
    [InlineData("""[1]""")]
    [InlineData("""[{}]""")]
    [InlineData("""[{"insert":1}]""")]
    [InlineData("""[{"insert":"a","delete":1}]""")]
    [InlineData("""[{"retain":-1}]""")]
    [InlineData("""[{"retain":1.5}]""")]
    [InlineData("""[{"retain":"1"}]""")]
    [InlineData("""[{"delete":1e300}]""")]
    [InlineData("""[{"insert":"a","attributes":1}]""")]
    [InlineData("""[{"insert":"a"}""")]
    [InlineData("")]
    public void What_is_no_operation_is_refused(string json) => Assert.Throws<OtException>(() => Operation(json));

    [Fact]
    public void JSON_that_is_nested_without_end_is_refused()
    {
        var deep = new string('[', 10_000) + new string(']', 10_000);

        Assert.Throws<OtException>(() => Operation("[{\"insert\":{\"x\":" + deep + "}}]"));
    }

    [Fact]
    public void A_document_of_anything_but_inserts_is_refused() =>
        Assert.Throws<OtException>(() => Document("""[{"insert":"a"},{"retain":1}]"""));

    [Theory]
    [InlineData("""[{"insert":"\ud83d"},{"insert":"\ude00"}]""", """{"ops":[{"insert":"😀"}]}""")]
    [InlineData("""[{"insert":"x\ud83d"}]""", """{"ops":[{"insert":"x\ud83d"}]}""")]
    [InlineData("""[{"insert":"a"},{"delete":1},{"delete":2},{"insert":"b"},{"insert":"c"},{"retain":3}]""", """{"ops":[{"insert":"a"},{"delete":3},{"insert":"bc"}]}""")]
    [InlineData("""[{"insert":"a","attributes":{}},{"insert":"b"}]""", """{"ops":[{"insert":"ab"}]}""")]
    [InlineData("""{"ops":[{"retain":2.0,"attributes":{"x":1.0,"y":1E2}}]}""", """{"ops":[{"retain":2,"attributes":{"x":1,"y":100}}]}""")]
    public void Operations_are_brought_into_normal_form(string json, string expected) => Assert.Equal(expected, Text(Operation(json)));

    // Each of them leaves npm's type with another text than it looks like.
    [Theory]
    [InlineData("""[{"retain":0},{"insert":"Dolly "}]""")]
    [InlineData("""[{"delete":0}]""")]
    [InlineData("""[{"insert":""}]""")]
    [InlineData("""[{"retain":0,"attributes":{"b":1}}]""")]
    [InlineData("""[{"insert":"a","attributes":{}}]""")]
    [InlineData("""[{"insert":"a","attributes":null}]""")]
    [InlineData("""[{"retain":1,"attributes":null}]""")]
    [InlineData("""[{"insert":"a","more":1}]""")]
    [InlineData("""[{"retain":1,"attributes":{"constructor":1}}]""")]
    [InlineData("""[{"insert":"a","attributes":{"__proto__":1}}]""")]
    [InlineData("""[{"insert":"a","attributes":{"toString":null}}]""")]
    [InlineData("""[{"insert":{"x":{"constructor":1}}}]""")]
    [InlineData("""{"ops":[{"insert":"a"}],"ops":[{"insert":"b"}]}""")]
    public void What_JavaScript_takes_for_something_else_is_refused_when_it_is_submitted(string json)
    {
        IOtType type = Type;
        Assert.Throws<OtException>(() => type.ReadSubmittedOperation(Encoding.UTF8.GetBytes(json)));
        Assert.Throws<OtException>(() => type.ReadSubmittedSnapshot(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void A_submitted_operation_has_few_attributes()
    {
        IOtType type = Type;
        var attributes = string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"a{i}\":1"));
        Assert.Throws<OtException>(() => type.ReadSubmittedOperation(Encoding.UTF8.GetBytes($$"""[{"retain":1,"attributes":{ {{attributes}} } }]""")));
    }

    [Fact]
    public void Formatting_stops_where_the_document_would_become_too_large()
    {
        IOtType type = Type;
        var runs = string.Join(',', Enumerable.Range(0, 2_000).Select(i => $$"""{"insert":"x"{{(i % 2 == 0 ? "" : ",\"attributes\":{\"b\":1}")}}}"""));
        var document = Document($"[{runs}]");
        var large = Operation($$"""[{"retain":2000,"attributes":{"link":"{{new string('y', 20_000)}}"} }]""");

        Assert.True(Assert.Throws<OtException>(() => type.Apply(document, large, 4_000_000)).IsTooLarge);
        Assert.Equal(Text(type.Apply(document, large)), Text(type.Apply(document, large, 100_000_000)));

        // All of one formatting are one run.
        var one = Document("[" + string.Join(',', Enumerable.Repeat("""{"insert":"xxxxx"}""", 2_000)) + "]");
        var formatted = type.Apply(one, Operation($$"""[{"retain":10000,"attributes":{"link":"{{new string('y', 20_000)}}"} }]"""), 40_000);
        Assert.InRange(formatted.EncodedLength, 30_000, 40_000);
    }

    [Fact]
    public void Many_small_inserts_are_read_and_transformed_in_time_linear_in_their_number()
    {
        var ops = "[" + string.Join(',', Enumerable.Repeat("""{"insert":"a"},{"delete":1}""", 100_000)) + "]";
        var watch = Stopwatch.StartNew();

        var transformed = (Delta)Type.Transform(Operation(ops), Operation("""[{"insert":"b"}]"""), OtSide.Left);

        Assert.Equal(100_000, transformed.Ops.ToArray().Where(op => op.IsInsert).Sum(op => op.Length));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1e21, "1e+21")]
    [InlineData(123456789012345680000.0, "123456789012345680000")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(0.000001, "0.000001")]
    [InlineData(-1.5e-10, "-1.5e-10")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(-0.0, "0")]
    public void Numbers_are_written_as_in_JavaScript(double number, string text) =>
        Assert.Equal(text, Text(Operation("[{\"retain\":1,\"attributes\":{\"x\":" + number.ToString("R", CultureInfo.InvariantCulture) + "}}]")).Split("\"x\":")[1].TrimEnd('}', ']'));

    [Fact]
    public void Typing_in_a_long_document_costs_no_more_than_in_a_short_one()
    {
        // Counted in characters that are touched, by way of time only with a wide margin.
        var shortTime = Type1000(1_000);
        var longTime = Type1000(4_000_000);

        Assert.True(longTime < shortTime * 20 + TimeSpan.FromMilliseconds(50), $"{shortTime} for 1,000 characters, {longTime} for 4,000,000");
    }

    private static TimeSpan Type1000(int length)
    {
        var document = Document($$"""[{"insert":"{{new string('x', length)}}"}]""");
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 1_000; i++)
        {
            document = Type.Apply(document, Operation($$"""[{"retain":{{(length / 2) + i}}},{"insert":"y"}]"""));
        }

        Assert.Equal(length + 1_000, ((RichTextSnapshot)document).Length);
        return watch.Elapsed;
    }

    private static IOtSnapshot Document(string json) => Type.ReadSnapshot(Encoding.UTF8.GetBytes(json));

    private static IOtOperation Operation(string json) => Type.ReadOperation(Encoding.UTF8.GetBytes(json));

    private static string Text(IOtSnapshot snapshot) => Write(snapshot.WriteTo);

    private static string Text(IOtOperation operation) => Write(operation.WriteTo);

    // The order of attributes depends on who set them last, as in the original.
    private static bool Same(IOtSnapshot first, IOtSnapshot second)
    {
        using var one = JsonDocument.Parse(Text(first).Replace("\\u", "u", StringComparison.Ordinal));
        using var other = JsonDocument.Parse(Text(second).Replace("\\u", "u", StringComparison.Ordinal));
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
    }

    private static string Write(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static IOtSnapshot RandomDocument(Random random) =>
        Document("[" + string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => RandomInsert(random))) + "]");

    private static string RandomInsert(Random random)
    {
        string[] texts = ["\"a\"", "\"bc\"", "\"\\n\"", "\"😀\"", "\"\\ud83d\"", "{\"image\":1}", $"\"{new string('z', random.Next(1, 1500))}\""];
        return $$"""{"insert":{{texts[random.Next(texts.Length)]}}{{RandomAttributes(random, withNull: false)}}}""";
    }

    private static string RandomAttributes(Random random, bool withNull)
    {
        string[] values = withNull ? ["1", "true", "null"] : ["1", "true"];
        var items = new[] { "a", "b" }.Where(_ => random.Next(3) == 0).Select(key => $"\"{key}\":{values[random.Next(values.Length)]}").ToArray();
        return items.Length == 0 ? "" : ",\"attributes\":{" + string.Join(',', items) + "}";
    }

    private static IOtOperation RandomOperation(Random random, IOtSnapshot document)
    {
        var rest = (int)((RichTextSnapshot)document).Length;
        var ops = new List<string>();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var length = random.Next(rest + 1);
            switch (random.Next(4))
            {
                case 0:
                    ops.Add(RandomInsert(random));
                    break;
                case 1:
                    ops.Add($$"""{"delete":{{length}}}""");
                    rest -= length;
                    break;
                default:
                    ops.Add($$"""{"retain":{{length}}{{RandomAttributes(random, withNull: true)}}}""");
                    rest -= length;
                    break;
            }
        }

        return Operation("[" + string.Join(',', ops) + "]");
    }
}
