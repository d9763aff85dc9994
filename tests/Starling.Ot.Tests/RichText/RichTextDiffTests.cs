using System.Diagnostics;
using Starling.Ot.RichText;

namespace Starling.Ot.Tests.RichText;

public sealed class RichTextDiffTests
{
    private static readonly RichTextType Type = new();

    [Theory]
    [InlineData("""[{"insert":"abc"}]""", """[{"insert":"abXc"}]""", """[{"retain":2},{"insert":"X"}]""")]
    [InlineData("""[{"insert":"abc"}]""", """[{"insert":"ac"}]""", """[{"retain":1},{"delete":1}]""")]
    [InlineData("""[{"insert":"abc"}]""", """[{"insert":"abc"}]""", "[]")]
    [InlineData("""[{"insert":"ab"}]""", """[{"insert":"a"},{"insert":"b","attributes":{"bold":true}}]""", """[{"retain":1},{"retain":1,"attributes":{"bold":true}}]""")]
    [InlineData("""[{"insert":"a","attributes":{"bold":true}}]""", """[{"insert":"a"}]""", """[{"retain":1,"attributes":{"bold":null}}]""")]
    [InlineData("""[{"insert":{"image":1}}]""", """[{"insert":{"image":2}}]""", """[{"insert":{"image":2}},{"delete":1}]""")]
    [InlineData("""[{"insert":{"image":1}}]""", """[{"insert":"\u0000"}]""", """[{"insert":"\u0000"},{"delete":1}]""")]
    [InlineData("""[{"insert":"😀"}]""", """[{"insert":"😁"}]""", """[{"insert":"😁"},{"delete":2}]""")]
    public void Leads_from_one_to_the_other(string before, string after, string expected) =>
        Assert.Equal($$"""{"ops":{{expected}}}""", OtText.Text(Type.Diff(Type.Document(before), Type.Document(after))));

    [Fact]
    public void The_change_between_two_random_documents_makes_the_one_of_the_other()
    {
        string[] words = ["a", "b", "\\n", "line\\n", "😀", "\\ud83d"];
        for (var seed = 0; seed < OtText.Cases / 4; seed++)
        {
            var random = new Random(seed);
            IOtSnapshot Random() => Type.Document("[" + string.Join(',', Enumerable.Range(0, random.Next(20)).Select(_ =>
                $$"""{"insert":"{{random.Pick(words)}}"{{(random.Next(4) == 0 ? ",\"attributes\":{\"b\":1}" : "")}}}""")) + "]");
            var (before, after) = (Random(), Random());

            Assert.Equal(OtText.Text(after), OtText.Text(Type.Apply(before, Type.Diff(before, after))));
        }
    }

    [Fact]
    public void Texts_that_differ_everywhere_are_compared_by_lines_in_bounded_time()
    {
        var random = new Random(1);
        string Line() => new string((char)('a' + random.Next(26)), 5) + random.Next() + "\\n";
        var kept = Enumerable.Range(0, 3_000).Select(_ => Line()).ToArray();
        IOtSnapshot Mixed() => Type.Document($$"""[{"insert":"{{string.Concat(kept.Select(line => Line() + line))}}"}]""");
        var (before, after) = (Mixed(), Mixed());
        var watch = Stopwatch.StartNew();

        var change = Type.Diff(before, after);

        Assert.Equal(OtText.Text(after), OtText.Text(Type.Apply(before, change)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }
}
