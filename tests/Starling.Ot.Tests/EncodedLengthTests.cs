using System.Buffers;
using System.Text;
using Starling.Ot.Json;
using Starling.Ot.RichText;
using Starling.Ot.Text;

namespace Starling.Ot.Tests;

/// <summary>A snapshot knows how long its JSON is, whatever led to it.</summary>
public sealed class EncodedLengthTests
{
    private static readonly string[] Pieces = ["a", "bc", "\n", "\"", "é", "你", "😀", "\ud83d", "\ude00", "\u0001", "xyz \\ "];

    [Fact]
    public void Of_rich_text()
    {
        var random = new Random(3);
        IOtType type = new RichTextType();
        var document = type.Document("[]");
        for (var i = 0; i < 3_000; i++)
        {
            var length = (int)((RichTextSnapshot)document).Length;
            var at = random.Next(length + 1);
            var retain = at > 0 ? $$"""{"retain":{{at}}},""" : "";
            var rest = length - at;
            var change = random.Next(5) switch
            {
                0 when rest > 0 => $$"""{"delete":{{random.Next(1, Math.Min(rest, length > 3000 ? 900 : 5) + 1)}}}""",
                1 or 2 when rest > 0 => $$"""{"retain":{{random.Next(1, Math.Min(rest, 700) + 1)}},"attributes":{"{{Pieces[random.Next(2)]}}":{{random.Next(2)}},"c":null} }""",
                3 => """{"insert":{"image":"x"},"attributes":{"w":1}}""",
                _ => $$"""{"insert":{{Quote(random)}}}""",
            };
            document = type.Apply(document, type.Operation($"[{retain}{change}]"));
            Check(document, i % 20 == 0);
        }

        Check(document, true);
    }

    [Fact]
    public void Of_plain_text_and_of_JSON()
    {
        var random = new Random(4);
        for (var i = 0; i < 300; i++)
        {
            IOtType json = new Json0Type();
            var document = json.Document("""{"list":[],"wide":{},"text":""}""");
            for (var n = 0; n < 60; n++)
            {
                var number = random.Next(3) switch { 0 => random.Next(-99999, 99999).ToString(), 1 => "1e21", _ => "0.001" };
                var key = random.Next(40);
                var operation = random.Next(6) switch
                {
                    0 => $$"""{"p":["list",{{random.Next(50)}}],"li":{{Quote(random)}}}""",
                    1 => $$"""{"p":["list",{{random.Next(50)}}],"ld":0}""",
                    2 => $$"""{"p":["wide","k{{key}}"],"oi":{"x":[{{number}},true,null]} }""",
                    3 => $$"""{"p":["wide","k{{key}}"],"od":0}""",
                    4 => $$"""{"p":["list",{{random.Next(50)}}],"lm":{{random.Next(50)}}}""",
                    _ => $$"""{"p":["text",0],"si":{{Quote(random)}}}""",
                };
                // As the server does it: places beyond the end are fitted to the document before the operation is applied, which refuses them.
                document = json.Apply(document, json.Fit(document, json.Operation($"[{operation}]"), long.MaxValue));
                Check(document, n % 3 == 0);
            }

            IOtType text = new TextUnicodeType();
            var plain = text.Document("\"\"");
            for (var n = 0; n < 40; n++)
            {
                var at = random.Next((int)((TextUnicodeSnapshot)plain).Length + 1);
                plain = text.Apply(plain, text.Operation($"[{(at > 0 ? at + "," : "")}\"{new string('é', random.Next(1, 400))}\\n😀\"]"));
                Check(plain, true);
            }
        }
    }

    private static string Quote(Random random)
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Pieces[random.Next(Pieces.Length)])) + new string('z', random.Next(20) == 0 ? 900 : 0);
        var output = new ArrayBufferWriter<byte>();
        JsonText.Write(output, text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Check(IOtSnapshot snapshot, bool isDue)
    {
        if (isDue)
        {
            var output = new ArrayBufferWriter<byte>();
            snapshot.WriteTo(output);
            Assert.Equal(output.WrittenCount, snapshot.EncodedLength);
        }
    }
}
