using Starling.Messaging.Links;

namespace Starling.Messaging.Tests.Links;

public sealed class LinkAddressTests
{
    [Theory]
    [InlineData("inproc:cache", LinkScheme.InProcess, "cache", 0)]
    [InlineData("unix:///run/app/cache.sock", LinkScheme.Unix, "/run/app/cache.sock", 0)]
    [InlineData("pipe:cache", LinkScheme.Pipe, "cache", 0)]
    [InlineData("tcp://127.0.0.1:0", LinkScheme.Tcp, "127.0.0.1", 0)]
    [InlineData("tcp://[::1]:70", LinkScheme.Tcp, "::1", 70)]
    [InlineData("tls://example.com:443", LinkScheme.Tls, "example.com", 443)]
    [InlineData("quic://example.com:443", LinkScheme.Quic, "example.com", 443)]
    [InlineData("stdio:", LinkScheme.StandardStreams, "", 0)]
    public void Addresses_are_read_and_written_alike(string text, LinkScheme scheme, string name, int port)
    {
        var address = LinkAddress.Parse(text);
        Assert.Equal((scheme, name, port), (address.Scheme, address.Name, address.Port));
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("cache")]
    [InlineData("inproc:")]
    [InlineData("pipe:a/b")]
    [InlineData("unix:relative")]
    [InlineData("unix://host/path")]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("tcp://127.0.0.1:70000")]
    [InlineData("tcp://:80")]
    [InlineData("tcp:127.0.0.1:80")]
    [InlineData("tcp://::1:80")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("stdio:x")]
    public void Others_are_refused_with_the_reason(string text)
    {
        Assert.False(LinkAddress.TryParse(text, out _));
        var failure = Assert.Throws<FormatException>(() => LinkAddress.Parse(text));
        Assert.Contains($"'{text}' is no address of a service.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_no_socket_can_have_is_refused_with_the_limit()
    {
        var failure = Assert.Throws<FormatException>(() => LinkAddress.Parse("unix:///" + new string('a', 120)));
        Assert.Contains("the path of a socket has at most 10", failure.Message, StringComparison.Ordinal);
        Assert.Contains("bytes, and this one 121", failure.Message, StringComparison.Ordinal);
    }
}
