using System.Diagnostics;
using System.Text.Json.Nodes;
using Starling.Ot.Json;

namespace Starling.Ot.Tests.Json;

/// <summary>Long lists, wide objects and long texts behave as short ones, and an edit does not copy them.</summary>
public sealed class WideDocumentTests
{
    private static readonly Json0Type Type = new();

    [Fact]
    public void A_long_list_changes_as_an_array_does()
    {
        var random = new Random(1);
        var expected = Enumerable.Range(0, 3_000).ToList();
        var document = Type.Document($"[{string.Join(',', expected)}]");
        for (var i = 0; i < 5_000; i++)
        {
            var (at, to) = (random.Next(expected.Count), random.Next(expected.Count));
            var item = expected[at];
            switch (random.Next(4))
            {
                case 0:
                    expected.Insert(at, -i);
                    document = Apply(document, $$"""[{"p":[{{at}}],"li":{{-i}}}]""");
                    break;
                case 1:
                    expected.RemoveAt(at);
                    document = Apply(document, $$"""[{"p":[{{at}}],"ld":{{item}}}]""");
                    break;
                case 2:
                    expected.RemoveAt(at);
                    expected.Insert(to, item);
                    document = Apply(document, $$"""[{"p":[{{at}}],"lm":{{to}}}]""");
                    break;
                default:
                    expected[at] += i;
                    document = Apply(document, $$"""[{"p":[{{at}}],"na":{{i}}}]""");
                    break;
            }
        }

        Assert.Equal($"[{string.Join(',', expected)}]", OtText.Text(document));
    }

    [Fact]
    public void A_wide_object_changes_as_a_narrow_one_does()
    {
        var random = new Random(1);
        var expected = new Dictionary<string, int>();
        var document = Type.Document("{}");
        for (var i = 0; i < 8_000; i++)
        {
            var key = (random.Next(2) == 0 ? "k" : "") + random.Next(400);
            if (random.Next(3) > 0)
            {
                expected[key] = i;
                document = Apply(document, $$"""[{"p":["{{key}}"],"oi":{{i}}}]""");
            }
            else
            {
                expected.Remove(key);
                document = Apply(document, $$"""[{"p":["{{key}}"],"od":0}]""");
            }
        }

        var text = OtText.Text(document);
        Assert.True(expected.Count > 200);
        Assert.True(JsonNode.DeepEquals(new JsonObject(expected.Select(item => KeyValuePair.Create(item.Key, (JsonNode?)item.Value))), JsonNode.Parse(text)));
        Assert.Equal(text, OtText.Text(Type.Document(text)));
    }

    [Fact]
    public void Versions_do_not_change_each_other()
    {
        var document = Type.Document($$"""{"list":[{{string.Join(',', Enumerable.Range(0, 200))}}],"text":"{{new string('x', 5_000)}}"}""");
        var before = OtText.Text(document);

        var after = Apply(document, """[{"p":["list",7],"ld":7},{"p":["text",2500],"si":"y"},{"p":["new"],"oi":1}]""");

        Assert.Equal(before, OtText.Text(document));
        Assert.NotEqual(before, OtText.Text(after));
    }

    [Fact]
    public void An_edit_in_a_large_document_costs_about_what_it_costs_in_a_small_one()
    {
        var items = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $$"""{"id":{{i}},"name":"item {{i}}"}"""));
        var members = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $$"""  "k{{i}}":{{i}}"""));
        var large = Edit($$"""{"list":[{{items}}],"map":{{{members}}},"text":"{{new string('x', 1_000_000)}}"}""");
        var small = Edit("""{"list":[{"id":0,"name":"a"},{"id":0,"name":"b"}],"map":{"k1":1},"text":"xx"}""");

        // Allocation tells what is copied, without the noise of a busy machine.
        Assert.True(large.Bytes < 20_000, $"{large.Bytes} bytes for each edit, {small.Bytes} in a small document");
        Assert.True(large.Time < (small.Time * 40) + TimeSpan.FromMilliseconds(500), $"{large.Time}, {small.Time} in a small document");
    }

    private static (long Bytes, TimeSpan Time) Edit(string json)
    {
        const int Rounds = 300;
        var document = Type.Document(json);
        document = EditOnce(document);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Rounds; i++)
        {
            document = EditOnce(document);
        }

        return ((GC.GetAllocatedBytesForCurrentThread() - allocated) / Rounds / 4, watch.Elapsed);
    }

    private static IOtSnapshot EditOnce(IOtSnapshot document)
    {
        document = Apply(document, """[{"p":["list",0,"name",1],"si":"y"}]""");
        document = Apply(document, """[{"p":["list",1],"li":5}]""");
        document = Apply(document, """[{"p":["map","k1"],"na":1}]""");
        return Apply(document, """[{"p":["text",1],"si":"y"}]""");
    }

    private static IOtSnapshot Apply(IOtSnapshot document, string operation) => Type.Apply(document, Type.Operation(operation));
}
