using System.Globalization;
using System.Text.RegularExpressions;
using Starling.Protocol.Patterns;

namespace Starling.Protocol.Tests.Patterns;

public sealed class TextMatcherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_expressions_match_what_the_same_regular_expressions_do(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var (expression, pattern) = Create(random, depth: 4);
            var matcher = TextMatcher.Compile(expression);
            var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking);
            for (var j = 0; j < 20; j++)
            {
                var text = new string([.. Enumerable.Range(0, random.Next(7)).Select(_ => "abc"[random.Next(3)])]);
                Assert.True(regex.IsMatch(text) == matcher.IsMatch(text), $"{pattern} on '{text}'");
            }
        }
    }

    [Fact]
    public void An_expression_that_is_too_large_is_refused() => Assert.Throws<FormatException>(
        () => TextMatcher.Compile(new TextExpression.Repeat(new TextExpression.Text("a"), 0, 1_000_000)));

    private static (TextExpression, string) Create(Random random, int depth)
    {
        switch (depth == 0 ? random.Next(2) : random.Next(5))
        {
            case 0:
                var text = new string([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => "abc"[random.Next(3)])]);
                return (new TextExpression.Text(text), $"(?:{text})");
            case 1:
                return (new TextExpression.OneOf(static c => c is 'a' or 'b'), "[ab]");
            case 2:
                var items = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Create(random, depth - 1)).ToList();
                return (new TextExpression.Sequence([.. items.Select(item => item.Item1)]), $"(?:{string.Concat(items.Select(item => item.Item2))})");
            case 3:
                var choices = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Create(random, depth - 1)).ToList();
                return (new TextExpression.Choice([.. choices.Select(item => item.Item1)]), $"(?:{string.Join('|', choices.Select(item => item.Item2))})");
            default:
                var (inner, pattern) = Create(random, depth - 1);
                var min = random.Next(3);
                var max = random.Next(2) == 0 ? default(int?) : min + random.Next(3);
                return (new TextExpression.Repeat(inner, min, max), string.Create(CultureInfo.InvariantCulture, $"(?:{pattern}){{{min},{max}}}"));
        }
    }
}
