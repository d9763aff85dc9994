using Starling.Protocol.Patterns;

namespace Starling.Protocol.Tests.Patterns;

public sealed class UriTemplateTests
{
    [Theory]
    [InlineData("https://e.com/books/{id}", "https://e.com/books/42", true)]
    [InlineData("https://e.com/books/{id}", "https://e.com/books/42/pages", false)]
    [InlineData("https://e.com/books/{id}", "https://e.com/books/a%2Fb", true)]
    [InlineData("https://e.com/books/{id}", "https://e.com/books/a%2", false)]
    [InlineData("https://e.com/books/{id}", "https://e.com/books/Žižek,Éé٣", true)]
    [InlineData("https://e.com/{+path}", "https://e.com/a/b?c=d#e", true)]
    [InlineData("https://e.com{/a,b}", "https://e.com/1/2", true)]
    [InlineData("https://e.com{/a,b}", "https://e.com/1/2/3", false)]
    [InlineData("https://e.com{/a*}", "https://e.com/1/2/3", true)]
    [InlineData("https://e.com/{?page,size}", "https://e.com/?page=2&size=10", true)]
    [InlineData("https://e.com/{?page,size}", "https://e.com/?size=10", true)]
    [InlineData("https://e.com/{?page,size}", "https://e.com/?other=10", false)]
    [InlineData("https://e.com/{?page,size}", "https://e.com/", true)]
    [InlineData("x{.ext}", "x.json", true)]
    [InlineData("x{#part}", "x#a/b", true)]
    [InlineData("x{;p}", "x;p=1", true)]
    [InlineData("{a:3}", "abc", true)]
    [InlineData("{a:3}", "abcd", false)]
    public void A_template_matches_what_it_can_become(string template, string text, bool matches)
    {
        Assert.True(UriTemplate.TryParse(template, out var parsed, out var error), error);
        Assert.Equal(matches, parsed.IsMatch(text));
    }

    [Theory]
    [InlineData("{a", "a brace at character 1 has no partner")]
    [InlineData("{}", "an expression is empty")]
    [InlineData("{a:999}", "it is too complex to match")]
    public void What_is_no_template_is_refused(string template, string reason)
    {
        Assert.False(UriTemplate.TryParse(template, out _, out var error));
        Assert.Equal(reason, error);
    }

    [Theory]
    [InlineData("https://e.com/books/{id}")]
    [InlineData("https://e.com/books{?a,b,c}")]
    public void A_template_is_small_since_every_subscriber_may_have_its_own(string template)
    {
        Assert.True(UriTemplate.TryParse(template, out var first, out _));
        Assert.True(first.IsMatch("https://e.com/books") || first.IsMatch("https://e.com/books/1"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(UriTemplate.TryParse(template, out var second, out _));
        second.IsMatch("https://e.com/books/1");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 * 1024);
    }

    [Fact]
    public void A_pattern_of_URLs_is_small_too()
    {
        Assert.True(UrlPattern.TryParse("https://e.com/books/:id/:page?", null, out var first, out _));
        Assert.True(first.IsMatch("https://e.com/books/1"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(UrlPattern.TryParse("https://e.com/books/:id/:page?", null, out var second, out _));
        second.IsMatch("https://e.com/books/1");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 * 1024);
    }
}
