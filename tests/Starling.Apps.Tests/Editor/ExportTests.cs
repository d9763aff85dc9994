using System.Text;
using Starling.Apps.Editor.Export;

namespace Starling.Apps.Tests.Editor;

public sealed class ExportTests
{
    private const string Formatted = """
        {"ops":[
          {"insert":"Title"},{"insert":"\n","attributes":{"header":2}},
          {"insert":"plain "},{"insert":"bold ","attributes":{"bold":true}},{"insert":"both","attributes":{"bold":true,"italic":true}},{"insert":" after\n"},
          {"insert":"one"},{"insert":"\n","attributes":{"list":"ordered"}},
          {"insert":"inner"},{"insert":"\n","attributes":{"list":"bullet","indent":1}},
          {"insert":"two"},{"insert":"\n","attributes":{"list":"ordered"}},
          {"insert":"done"},{"insert":"\n","attributes":{"list":"checked"}},
          {"insert":"if (a < b) {"},{"insert":"\n","attributes":{"code-block":"plain"}},{"insert":"}"},{"insert":"\n","attributes":{"code-block":"plain"}},
          {"insert":"said"},{"insert":"\n","attributes":{"blockquote":true}},
          {"insert":"here","attributes":{"link":"https://example.org/?a=1&b=2"}},{"insert":{"image":"data:image/png;base64,AAAA"}},{"insert":"\n","attributes":{"align":"center"}}
        ]}
        """;

    [Fact]
    public void Html_has_the_structure_of_the_text()
    {
        var html = HtmlExport.Write(Parse(Formatted), "A & B");

        Assert.Contains("<title>A &amp; B</title>", html, StringComparison.Ordinal);
        Assert.Contains("<h2>Title</h2>\n<p>plain <strong>bold <em>both</em></strong> after</p>\n", html, StringComparison.Ordinal);
        Assert.Contains(
            "<ol>\n<li>one<ul>\n<li>inner</li>\n</ul>\n</li>\n<li>two</li>\n</ol>\n<ul>\n<li class=\"check\"><input type=\"checkbox\" checked disabled> done</li>\n</ul>\n",
            html, StringComparison.Ordinal);
        Assert.Contains("<pre><code>if (a &lt; b) {\n}\n</code></pre>\n<blockquote>said</blockquote>\n", html, StringComparison.Ordinal);
        Assert.Contains(
            "<p style=\"text-align:center\"><a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer\">here</a><img src=\"data:image/png;base64,AAAA\" alt=\"\"></p>",
            html, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_has_the_structure_of_the_text()
    {
        Assert.Equal(
            """
            ## Title

            plain **bold *both*** after

            1. one
                - inner
            2. two
            - [x] done

            ```
            if (a < b) {
            }
            ```

            > said

            [here](<https://example.org/?a=1&b=2>)![](<data:image/png;base64,AAAA>)

            """,
            MarkdownExport.Write(Parse(Formatted)));
    }

    [Fact]
    public void Markdown_of_many_blank_runs_allocates_in_proportion_to_their_length()
    {
        var (small, large) = (Blanks(2_000), Blanks(20_000));
        MarkdownExport.Write(small);
        Assert.True(Allocated(large) < 20 * Allocated(small), "ten times the runs allocate far more than ten times the bytes");

        static RichTextDocument Blanks(int runs) => Parse(
            "{\"ops\":[" + string.Concat(Enumerable.Range(0, runs).Select(i => $"{{\"insert\":\"{new string(' ', 50)}\",\"attributes\":{{\"size\":{i}}}}},"))
            + "{\"insert\":\"x\\n\"}]}");

        static long Allocated(RichTextDocument document)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            MarkdownExport.Write(document);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Plain_text_keeps_the_marks_of_lists() => Assert.Equal(
        "Title\nplain bold both after\n1. one\n  - inner\n2. two\n[x] done\nif (a < b) {\n}\nsaid\nhere[image]\n", TextExport.Write(Parse(Formatted)));

    [Theory]
    [InlineData("# no heading", "\\# no heading\n")]
    [InlineData("1. no list", "1\\. no list\n")]
    [InlineData("- no list", "\\- no list\n")]
    [InlineData("a_b *c* [d](e) `f` <g> &amp; ~~h~~", "a\\_b \\*c\\* \\[d\\](e) \\`f\\` \\<g\\> \\&amp; \\~\\~h\\~\\~\n")]
    public void Text_that_looks_like_Markdown_stays_text(string text, string markdown) =>
        Assert.Equal(markdown, MarkdownExport.Write(Parse($$"""{"ops":[{"insert":"{{text}}\n"}]}""")));

    [Fact]
    public void A_fence_is_longer_than_the_backticks_in_the_code() => Assert.Equal(
        "````\n```\n````\n", MarkdownExport.Write(Parse("""{"ops":[{"insert":"```"},{"insert":"\n","attributes":{"code-block":true}}]}""")));

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData(" JaVaScRiPt:alert(1)")]
    [InlineData("java\\tscript:alert(1)")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("vbscript:x")]
    public void An_address_that_could_run_a_script_is_left_out(string address)
    {
        var document = Parse("""{"ops":[{"insert":"x","attributes":{"link":"ADDRESS"}},{"insert":{"image":"ADDRESS"}},{"insert":"\n"}]}"""
            .Replace("ADDRESS", address, StringComparison.Ordinal));

        Assert.Contains("<p>x</p>", HtmlExport.Write(document, ""), StringComparison.Ordinal);
        Assert.Equal("x\n", MarkdownExport.Write(document));
    }

    [Fact]
    public void Whatever_the_attributes_say_the_page_has_no_markup_of_theirs()
    {
        var html = HtmlExport.Write(Parse("""
            {"ops":[{"insert":"a","attributes":{"color":"red\"><script>","background":"url(x)","link":"https://x/\"><script>","bold":{"odd":1},"header":"9"}},{"insert":{}},{"insert":{"<b>":1}},{"insert":"\n","attributes":{"header":"<","align":"\"x","indent":99999999999}}]}
            """), "<script>");

        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://x/&quot;&gt;&lt;script&gt;\" rel=\"noopener noreferrer\">a</a>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character_and_the_rest_stays() => Assert.Equal(
        "a\uFFFDb\\ud83d \U0001F600\n", TextExport.Write(Parse("""{"ops":[{"insert":"a\ud83db\\ud83d 😀\n"}]}""")));

    private static RichTextDocument Parse(string delta) => RichTextDocument.Parse(Encoding.UTF8.GetBytes(delta));
}
