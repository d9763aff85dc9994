using Starling.Ot.Json;
using Starling.Ot.RichText;

namespace Starling.Ot.Tests.Json;

public sealed class Json0TypeTests
{
    private static readonly Json0Type Type = new();

    [Theory]
    [InlineData("""{"n":1}""", """[{"p":["n"],"na":0.5}]""", """{"n":1.5}""")]
    [InlineData("[1,2]", """[{"p":[2],"li":3}]""", "[1,2,3]")]
    [InlineData("[1,2]", """[{"p":[0],"ld":1}]""", "[2]")]
    [InlineData("[1,2]", """[{"p":[0],"ld":1,"li":null}]""", "[null,2]")]
    [InlineData("[1,2,3]", """[{"p":[0],"lm":2}]""", "[2,3,1]")]
    [InlineData("[1,2,3]", """[{"p":["2"],"lm":"0"}]""", "[3,1,2]")]
    [InlineData("""{"b":1}""", """[{"p":["a"],"oi":{}},{"p":["7"],"oi":2},{"p":["a","x"],"oi":[]}]""", """{"7":2,"b":1,"a":{"x":[]}}""")]
    [InlineData("""{"a":1,"b":2}""", """[{"p":["a"],"od":1}]""", """{"b":2}""")]
    [InlineData("""{"a":1}""", """[{"p":["missing"],"od":1}]""", """{"a":1}""")]
    [InlineData("""{"5":1}""", """[{"p":[5],"na":1}]""", """{"5":2}""")]
    [InlineData("""{"l":[{"x":1}]}""", """[{"p":["l","0","x"],"na":1}]""", """{"l":[{"x":2}]}""")]
    [InlineData("""{"s":"ac"}""", """[{"p":["s",1],"si":"b"},{"p":["s",0],"sd":"a"}]""", """{"s":"bc"}""")]
    [InlineData("\"ac\"", """[{"p":[1],"si":"b"}]""", "\"abc\"")]
    [InlineData("""{"s":"ac"}""", """[{"p":["s"],"t":"text0","o":[{"p":1,"i":"b"},{"p":0,"d":"a"}]}]""", """{"s":"bc"}""")]
    [InlineData("null", """[{"p":[],"oi":{"a":1}}]""", """{"a":1}""")]
    [InlineData("1", """[{"p":[],"od":1}]""", "null")]
    [InlineData("""{"x":1}""", "[]", """{"x":1}""")]
    public void Applies(string document, string operation, string expected) => Assert.Equal(expected, Type.Apply(document, operation));

    [Theory]
    [InlineData("[1]", """[{"p":[2],"li":3}]""", "beyond the end of a list of 1")]
    [InlineData("[1]", """[{"p":[1],"ld":3}]""", "beyond the end of a list of 1")]
    [InlineData("[1]", """[{"p":[1],"ld":3,"li":4}]""", "beyond the end of a list of 1")]
    [InlineData("[1]", """[{"p":[0],"lm":1}]""", "beyond the end of a list of 1")]
    [InlineData("[1]", """[{"p":[1],"lm":0}]""", "beyond the end of a list of 1")]
    [InlineData("""{"constructor":1}""", """[{"p":["a"],"oi":1}]""", "not an object")]
    [InlineData("\"ab\"", """[{"p":[3],"si":"x"}]""", "beyond the end of the text")]
    [InlineData("\"ab\"", """[{"p":[1],"sd":"bc"}]""", "beyond the end of the text")]
    [InlineData("\"ab\"", """[{"p":[0],"sd":"b"}]""", "does not match deleted text 'a'")]
    [InlineData("1e308", """[{"p":[],"na":1.7e308}]""", "too large for a number")]
    [InlineData("{}", """[{"p":["n"],"na":1}]""", "Path invalid")]
    [InlineData("""{"n":"1"}""", """[{"p":["n"],"na":1}]""", "Referenced element not a number")]
    [InlineData("{}", """[{"p":[0],"li":1}]""", "Referenced element not a list")]
    [InlineData("[]", """[{"p":["a"],"oi":1}]""", "Referenced element not an object (it was [])")]
    [InlineData("[]", """[{"p":[0],"si":"a"}]""", "Referenced element not a string")]
    [InlineData("[[1]]", """[{"p":["length"],"na":5}]""", "Path invalid")]
    [InlineData("{}", """[{"p":["a"],"t":"rich-text","o":[]}]""", "Path invalid")]
    [InlineData("""{"a":[]}""", """[{"p":["a"],"t":"rich-text","o":[]}]""", "'rich-text' is not known")]
    public void What_does_not_fit_the_document_is_refused(string document, string operation, string message) =>
        Assert.Contains(message, Assert.Throws<OtException>(() => Type.Apply(document, operation)).Message, StringComparison.Ordinal);

    // What npm's ot-json0 makes of the same.
    [Theory]
    [InlineData("[1]", """[{"p":[2],"li":3}]""", "[1,3]")]
    [InlineData("[]", """[{"p":[9],"li":3}]""", "[3]")]
    [InlineData("[1]", """[{"p":[1],"ld":3}]""", "[1]")]
    [InlineData("[1]", """[{"p":[1],"ld":3,"li":4}]""", "[1,4]")]
    [InlineData("[1]", """[{"p":[0],"lm":1}]""", "[1]")]
    [InlineData("[1,2,3]", """[{"p":[0],"lm":7}]""", "[2,3,1]")]
    [InlineData("[1]", """[{"p":[1],"lm":0}]""", "[null,1]")]
    [InlineData("[1]", """[{"p":[5],"lm":9}]""", "[1,null]")]
    [InlineData("""{"t":"a"}""", """[{"p":["t",4],"si":"b"}]""", """{"t":"ab"}""")]
    public void A_place_beyond_the_end_of_a_list_is_its_end(string document, string operation, string expected)
    {
        var before = Type.Document(document);
        var fitting = Type.Fit(before, Type.Operation(operation), long.MaxValue);
        Assert.Equal(expected, OtText.Text(Type.Apply(before, fitting)));
        Assert.Equal(document, OtText.Text(Type.Apply(Type.Document(expected), Type.Invert(fitting, before))));
    }

    [Fact]
    public void A_name_that_is_written_with_escapes_is_the_same_name() =>
        Assert.Equal("""{"a":2}""", Type.Apply("{}", """[{"\u0070":["a"],"oi":1,"\u006fi":2}]"""));

    // A copy that is not what the document has stays as it is; JavaScript does not look at it.
    [Theory]
    [InlineData("""[{"p":["t"],"od":"My","oi":"New"}]""", """[{"p":["t",13],"si":"!"}]""")]
    [InlineData("""[{"p":["t"],"od":true}]""", """[{"p":["t","x"],"oi":1}]""")]
    [InlineData("""[{"p":[0],"ld":0,"li":1}]""", """[{"p":[0,5,"x"],"na":1}]""")]
    public void A_stale_copy_of_what_is_deleted_refuses_nothing(string submitted, string committed) =>
        Assert.Equal(submitted, Type.Transform(submitted, committed, OtSide.Left));

    [Theory]
    [InlineData("{}", "array of components")]
    [InlineData("[1]", "Missing path")]
    [InlineData("[{}]", "Missing path")]
    [InlineData("""[{"p":"a","oi":1}]""", "Missing path")]
    [InlineData("""[{"p":[null],"oi":1}]""", "Invalid path segment")]
    [InlineData("""[{"p":[-1],"li":1}]""", "Invalid path segment")]
    [InlineData("""[{"p":[0.5],"li":1}]""", "Invalid path segment")]
    [InlineData("""[{"p":["a"]}]""", "invalid / missing instruction")]
    [InlineData("""[{"p":["a"],"na":null}]""", "invalid / missing instruction")]
    [InlineData("""[{"p":["a"],"oi":1,"na":1}]""", "invalid / missing instruction")]
    [InlineData("""[{"p":["a"],"na":"1"}]""", "is a number")]
    [InlineData("""[{"p":["a"],"na":1e999}]""", "is a number")]
    [InlineData("""[{"p":["a"],"li":1}]""", "List index must be a number")]
    [InlineData("""[{"p":[0],"lm":"x"}]""", "List index must be a number")]
    [InlineData("""[{"p":[],"li":1}]""", "Referenced element not a list")]
    [InlineData("""[{"p":["a"],"si":"x"}]""", "position")]
    [InlineData("""[{"p":[0],"si":1}]""", "is a text")]
    [InlineData("""[{"p":[0],"si":"x","sd":"y"}]""", "needs an i or d")]
    [InlineData("""[{"p":[],"t":"text0","o":[{"p":-1,"i":"x"}]}]""", "not negative")]
    [InlineData("""[{"p":[],"t":"text0","o":[{"p":1}]}]""", "needs an i or d")]
    [InlineData("""[{"p":["a"],"oi":1}""", "cannot be read")]
    [InlineData("", "cannot be read")]
    public void What_is_no_operation_is_refused(string json, string message) =>
        Assert.Contains(message, Assert.Throws<OtException>(() => Type.Operation(json)).Message, StringComparison.Ordinal);

    // In either order: what the committed one does, and what becomes of the submitted one.
    [Theory]
    [InlineData("""[{"p":[0],"li":"s"}]""", """[{"p":[0],"li":"c"}]""", """[{"p":[0],"li":"s"}]""")]
    [InlineData("""[{"p":["k"],"oi":"s"}]""", """[{"p":["k"],"oi":"c"}]""", """[{"p":["k"],"od":"c","oi":"s"}]""")]
    [InlineData("""[{"p":[1],"ld":1}]""", """[{"p":[1],"ld":1}]""", "[]")]
    [InlineData("""[{"p":[1],"lm":3}]""", """[{"p":[1],"lm":0}]""", """[{"p":[0],"lm":3}]""")]
    [InlineData("""[{"p":["a","b"],"na":1}]""", """[{"p":["a"],"od":{}}]""", "[]")]
    [InlineData("""[{"p":["a"],"od":{"b":1}}]""", """[{"p":["a","b"],"na":1}]""", """[{"p":["a"],"od":{"b":2}}]""")]
    [InlineData("""[{"p":["s",1],"sd":"bc"}]""", """[{"p":["s",2],"si":"X"}]""", """[{"p":["s",1],"sd":"b"},{"p":["s",2],"sd":"c"}]""")]
    public void Transforms_what_is_submitted(string submitted, string committed, string expected) =>
        Assert.Equal(expected, Type.Transform(submitted, committed, OtSide.Left));

    [Fact]
    public void What_is_restored_comes_from_the_document_and_not_from_what_the_operation_says()
    {
        var document = Type.Document("""{"a":{"secret":1},"l":[7]}""");
        var operation = Type.Operation("""[{"p":["a"],"od":"nonsense"},{"p":["l",0],"ld":8},{"p":["gone"],"od":1}]""");

        var inverse = Type.Invert(operation, document);

        Assert.Equal("""[{"p":["l",0],"li":7},{"p":["a"],"oi":{"secret":1}}]""", OtText.Text(inverse));
        Assert.Equal("""{"l":[7],"a":{"secret":1}}""", OtText.Text(Type.Apply(Type.Apply(document, operation), inverse)));
    }

    [Fact]
    public void Other_types_edit_values_within_a_document()
    {
        var type = new Json0Type(new RichTextType());
        const string Document = """{"note":{"ops":[{"insert":"ac"}]}}""";
        const string First = """[{"p":["note"],"t":"rich-text","o":{"ops":[{"retain":1},{"insert":"b"}]}}]""";
        const string Second = """[{"p":["note"],"t":"rich-text","o":{"ops":[{"delete":1}]}}]""";

        var changed = type.Transform(type.Operation(First), type.Operation(Second), OtSide.Left);

        Assert.Equal("""{"note":{"ops":[{"insert":"abc"}]}}""", type.Apply(Document, First));
        Assert.Equal("""[{"p":["note"],"t":"rich-text","o":{"ops":[{"insert":"b"}]}}]""", OtText.Text(changed));
        Assert.Equal(
            """[{"p":["note"],"t":"rich-text","o":{"ops":[{"insert":"a"}]}}]""", OtText.Text(type.Invert(type.Operation(Second), type.Document(Document))));
        Assert.Equal(
            """[{"p":["note"],"t":"rich-text","o":{"ops":[{"insert":"b"},{"delete":1}]}}]""",
            OtText.Text(type.Compose(type.Operation(Second), type.Operation("""[{"p":["note"],"t":"rich-text","o":[{"insert":"b"}]}]"""))));
    }

    [Fact]
    public void Components_can_be_read()
    {
        var component = Json0Operation.Read("""[{"p":["list",3],"ld":1,"li":{"a":[]}}]"""u8).Components.Single();

        Assert.Equal([new Json0Segment("list"), new Json0Segment(3)], component.Path);
        Assert.NotNull(component.ListInserted);
        Assert.NotNull(component.ListDeleted);
        Assert.Null(component.MovedTo ?? component.Added);
    }

    [Fact]
    public void A_document_does_not_grow_deeper_than_can_be_read_again()
    {
        var deepest = new string('[', 60) + new string(']', 60);
        var document = Type.Document("""{"a":{"b":{"c":{}}}}""");

        var fits = Type.Apply(document, Type.Operation($$"""[{"p":["a","b","c","d"],"oi":{{deepest}}}]"""));

        Assert.Equal(OtText.Text(fits), OtText.Text(Type.Document(OtText.Text(fits))));
        Assert.Throws<OtException>(() => Type.Apply(document, Type.Operation($$"""[{"p":["a","b","c","d"],"oi":[{{deepest}}]}]""")));
        Assert.Throws<OtException>(() => Type.Document(new string('[', 10_000) + new string(']', 10_000)));
    }

    [Theory]
    [InlineData("""{"b":1,"a":2,"b":3}""", """{"b":3,"a":2}""")]
    [InlineData("""{"x":1,"10":2,"9":3,"01":4}""", """{"9":3,"10":2,"x":1,"01":4}""")]
    [InlineData("""[1.0,1E2,-0,0.10,1e400]""", "[1,100,0,0.1,null]")]
    [InlineData("""["\ud83d","\ud83d\ude00","\u0001\u00e9"]""", """["\ud83d","😀","\u0001é"]""")]
    public void Documents_are_written_as_JavaScript_would(string json, string expected) => Assert.Equal(expected, OtText.Text(Type.Document(json)));
}
