using System.Text;
using Starling.Ot.Json;
using Starling.Ot.RichText;
using Starling.Ot.Text;

namespace Starling.Ot.Tests;

/// <summary>Whatever comes in, a type either works with it or refuses it; it never fails in any other way.</summary>
public sealed class BrokenInputTests
{
    public static TheoryData<string, string, string> Inputs => new()
    {
        {
            "json0", """{"l":[1,{"n":5}],"s":"hello","o":{"k":1}}""",
            """[{"p":["l",1,"n"],"na":2},{"p":["l",0],"lm":1},{"p":["s",2],"sd":"ll"},{"p":["s"],"t":"text0","o":[{"p":1,"i":"x"}]},{"p":["o"],"od":{"k":1},"oi":[]}]"""
        },
        { "text-unicode", "\"some text 😀\"", """[2,"ab",{"d":3},1,{"d":"te"},"é"]""" },
        { "text0", "\"some text\"", """[{"p":2,"i":"xy"},{"p":0,"d":"so"}]""" },
        { "rich-text", """[{"insert":"some text"}]""", """[{"retain":2,"attributes":{"b":true}},{"insert":"x"},{"delete":3},{"insert":{"image":1}}]""" },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Broken_operations_are_refused(string name, string document, string operation)
    {
        IOtType[] types = [new Json0Type(), new TextUnicodeType(), new Text0Type(), new RichTextType()];
        var type = types.Single(type => type.Name == name);
        var (before, good) = (type.Document(document), type.Operation(operation));
        var (random, accepted) = (new Random(1), 0);
        for (var i = 0; i < OtText.Cases; i++)
        {
            var json = Encoding.UTF8.GetBytes(operation);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(json.Length);
                json[at] = random.Next(3) == 0 ? (byte)random.Next(256) : json[random.Next(json.Length)];
            }

            accepted += Accepts(() => Use(type, before, good, type.ReadOperation(json))) ? 1 : 0;
        }

        Assert.InRange(accepted, 1, OtText.Cases - 1);
    }

    private static void Use(IOtType type, IOtSnapshot before, IOtOperation good, IOtOperation broken)
    {
        _ = OtText.Text(broken);
        Accepts(() => type.Transform(broken, good, OtSide.Left));
        Accepts(() => type.Transform(good, broken, OtSide.Right));
        Accepts(() => ((IComposableType)type).Compose(good, broken));
        Accepts(() => ((IInvertibleType)type).Invert(broken, before));
        _ = OtText.Text(type.Apply(before, broken));
    }

    private static bool Accepts(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (OtException)
        {
            return false;
        }
    }
}
