using System.Text.RegularExpressions;
using Starling.Protocol.Patterns;

namespace Starling.Protocol.Tests.Patterns;

public sealed class ExpressionParserTests
{
    private static readonly string[] Texts =
        ["", "a", "b", "ab", "abc", "aab", "-", "]", "A", "0", "42", " ", "\n", "_", "a-b", "a.b", "cat", "dog", "catdog", "\\", "é", "a\nb", "^", "$"];

    [Theory]
    [InlineData("a|b")]
    [InlineData("cat|dog|")]
    [InlineData("(?:a|b)+")]
    [InlineData("(?:(?:a)*)*b?")]
    [InlineData("a{2}b")]
    [InlineData("a{1,}?b{0,1}c*?")]
    [InlineData("[ab]{1,3}c?")]
    [InlineData("[^ab]")]
    [InlineData("[a-c\\-\\]]+")]
    [InlineData("[-a]+")]
    [InlineData("[a-]+")]
    [InlineData("\\d+|\\D")]
    [InlineData("\\w+")]
    [InlineData("\\W")]
    [InlineData("\\s|\\S\\s\\S")]
    [InlineData("[\\d\\s_]+")]
    [InlineData("a.b")]
    [InlineData("a\\.b")]
    [InlineData("^ab$")]
    [InlineData("a^b")]
    [InlineData("a$|^b")]
    [InlineData("\\x61\\u0062")]
    [InlineData("\\\\")]
    [InlineData("[\\s\\S]*")]
    public void An_expression_matches_what_it_matches_in_JavaScript(string expression)
    {
        var matcher = TextMatcher.Compile(ExpressionParser.Parse(expression));
        var regex = new Regex($@"\A(?:{expression})\z", RegexOptions.ECMAScript);
        Assert.All(Texts, text => Assert.True(regex.IsMatch(text) == matcher.IsMatch(text), $"{expression} on '{text}'"));
    }

    [Theory]
    [InlineData("(?=a)")]
    [InlineData("(?<name>a)")]
    [InlineData("a**")]
    [InlineData("*a")]
    [InlineData("a{2,1}")]
    [InlineData("a{99999}")]
    [InlineData("a{,2}")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("(?:a")]
    [InlineData("a)")]
    [InlineData("\\b")]
    [InlineData("\\1")]
    [InlineData("\\p{L}")]
    [InlineData("\\u00")]
    public void An_expression_that_cannot_be_matched_in_linear_time_or_is_wrong_is_refused(string expression) =>
        Assert.Throws<FormatException>(() => ExpressionParser.Parse(expression));

    [Theory]
    [InlineData("(?:(?:(?:(?:){2000}){2000}){2000}){2000}")]
    [InlineData("(?:(?:(?:(?:a{0}){2000}){2000}){2000}){2000}")]
    public void Repeating_nothing_very_often_takes_no_time(string expression) =>
        Assert.True(TextMatcher.Compile(ExpressionParser.Parse(expression)).IsMatch(""));

    [Fact]
    public void An_expression_with_many_states_keeps_no_memory_when_it_is_matched_with_long_texts()
    {
        Assert.True(UrlPattern.TryParse("https://example.com/(.*[ab].{300}c)", null, out var pattern, out _));
        Assert.InRange(pattern.Weight, 300, 400);
        var random = new Random(1);
        var urls = Enumerable.Range(0, 5)
            .Select(_ => pattern.Read("https://example.com/" + new string([.. Enumerable.Range(0, 2_000).Select(_ => "abc"[random.Next(3)])]))!).ToArray();
        pattern.IsMatch(urls[0]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var url in urls)
        {
            pattern.IsMatch(url);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }
}
