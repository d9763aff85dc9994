using Microsoft.AspNetCore.Http;
using Starling.Server.Hosting;

namespace Starling.Server.Tests.Hosting;

public sealed class OriginGuardTests
{
    private static readonly OriginGuardOptions Some = new()
    {
        AllowedHosts = ["known.example", "*.wild.example"],
        AllowedOrigins = ["https://page.example"],
        AllowLinks = true,
    };

    [Theory]
    [InlineData("localhost:8080", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("192.168.1.7", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("KNOWN.example", true)]
    [InlineData("a.wild.example", true)]
    [InlineData("wild.example", false)]
    [InlineData("evil.example", false)]
    [InlineData("known.example.evil.example", false)]
    [InlineData("", false)]
    public void The_host_has_to_be_an_address_or_a_known_name(string host, bool isAllowed) =>
        Assert.Equal(isAllowed, new OriginGuard(Some).Check(Request(host)) is null);

    [Theory]
    [InlineData("http://localhost:8080", true)]
    [InlineData("https://page.example", true)]
    [InlineData("https://known.example:444", true)]
    [InlineData("http://localhost:3000", false)]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    public void A_page_of_another_origin_is_refused_unless_it_is_known(string origin, bool isAllowed) =>
        Assert.Equal(isAllowed, new OriginGuard(Some).Check(Request("localhost:8080", ("Origin", origin))) is null);

    [Fact]
    public void A_request_of_another_site_that_names_no_origin_is_refused_unless_a_link_was_followed()
    {
        var script = Request("localhost:8080", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"));
        var known = Request("localhost:8080", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors"), ("Referer", "https://page.example/"));
        var link = Request("localhost:8080", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"));

        Assert.NotNull(new OriginGuard(Some).Check(script));
        Assert.Null(new OriginGuard(Some).Check(known));
        Assert.Null(new OriginGuard(Some).Check(link));
        Assert.NotNull(new OriginGuard(Some with { AllowLinks = false }).Check(link));
        link.Method = "POST";
        Assert.NotNull(new OriginGuard(Some).Check(link));
    }

    [Fact]
    public void Any_host_does_not_mean_any_origin()
    {
        var guard = new OriginGuard(new OriginGuardOptions { AllowedHosts = ["*"] });

        Assert.Null(guard.Check(Request("evil.example")));
        Assert.NotNull(guard.Check(Request("localhost", ("Origin", "https://evil.example"))));
        Assert.Null(new OriginGuard(new OriginGuardOptions { AllowedOrigins = ["*"] }).Check(Request("localhost", ("Origin", "https://evil.example"))));
    }

    [Fact]
    public void A_refusal_names_the_host_and_what_to_do()
    {
        var reason = new OriginGuard(new OriginGuardOptions { HostHint = "name it with --host" }).Check(Request("evil.example"));

        Assert.Equal("This server does not answer for the host 'evil.example'. Use its IP address or localhost, or name it with --host.", reason);
    }

    private static HttpRequest Request(string host, params (string Name, string Value)[] headers)
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Scheme, request.Host) = ("GET", "http", new HostString(host));
        foreach (var (name, value) in headers)
        {
            request.Headers[name] = value;
        }

        return request;
    }
}
