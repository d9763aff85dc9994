using Starling.Apps.Cache.Console;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Tests.Cache;

public sealed class TextBodyTests
{
    [Fact]
    public void What_a_terminal_would_obey_is_not_shown() =>
        Assert.Equal("a\ufffd[2Jb\n\tc\ufffd31m", TextBody.Harmless("a\u001b[2Jb\r\n\tc\u009b31m"));

    [Theory]
    [InlineData("text/html; charset=gbk", null, 936)]
    [InlineData("text/plain", null, 65001)]
    [InlineData("application/json", null, 65001)]
    [InlineData("application/problem+json; charset=\"utf-8\"", null, 65001)]
    [InlineData("image/png", null, null)]
    [InlineData("text/html; charset=nonsense", null, null)]
    [InlineData("text/plain;charset=utf-7", null, null)]
    [InlineData("nonsense", null, null)]
    [InlineData("text/html", "gzip", null)]
    public void Text_is_told_from_bytes_by_its_headers(string type, string? encoding, int? codePage)
    {
        HeaderField[] headers = encoding is null ? [new("Content-Type", type)] : [new("Content-Type", type), new("Content-Encoding", encoding)];
        Assert.Equal(codePage, TextBody.EncodingOf(new ResourceHead("", "", "", null, headers))?.CodePage);
    }

    [Fact]
    public void A_body_without_a_type_is_no_text() => Assert.Null(TextBody.EncodingOf(new ResourceHead("", "", "", null, [])));
}
