using Starling.Supervisor.Configuration;

namespace Starling.Supervisor.Tests.Configuration;

public sealed class ShellWordsTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("  a  b\tc ", new[] { "a", "b", "c" })]
    [InlineData("--name=\"a b\" 'c d'e", new[] { "--name=a b", "c de" })]
    [InlineData("\"\" ''", new[] { "", "" })]
    [InlineData("a\\ b \\\"x\\\"", new[] { "a b", "\"x\"" })]
    [InlineData("\"say \\\"hi\\\"\" '\\n'", new[] { "say \"hi\"", "\\n" })]
    [InlineData("C:\\dir\\file", new[] { "C:\\dir\\file" })]
    public void A_line_is_taken_apart_as_by_a_shell(string line, string[] words)
    {
        Assert.True(ShellWords.TrySplit(line, out var split));
        Assert.Equal(words, split);
    }

    [Theory]
    [InlineData("'a")]
    [InlineData("a \"b")]
    public void An_open_quote_is_no_line(string line) => Assert.False(ShellWords.TrySplit(line, out _));
}
