using Microsoft.AspNetCore.Http;
using Starling.Server.Sessions;

namespace Starling.Server.Tests.Sessions;

public sealed class PackedRequestTests
{
    [Fact]
    public void Everything_comes_out_as_it_went_in()
    {
        var headers = new HeaderDictionary
        {
            ["host"] = "example.com",
            ["User-Agent"] = new string('x', 20_000),
            ["X-Own"] = new(["one", "two", "größer"]),
            ["Cookie"] = "",
        };
        var packed = PackedRequest.Pack(new PathString("/a b/socket.io/"), new QueryString("?EIO=4&x=%C3%A4"), headers);

        Assert.Equal("/a b/socket.io/", PackedRequest.Path(packed).Value);
        Assert.Equal("?EIO=4&x=%C3%A4", PackedRequest.Query(packed).Value);
        var read = PackedRequest.Headers(packed);
        Assert.Equal(headers.Count, read.Count);
        foreach (var (name, values) in headers)
        {
            Assert.Equal(values, read[name]);
        }

        Assert.Equal("example.com", read["HOST"]);
    }

    [Fact]
    public void A_request_without_anything_is_empty()
    {
        var packed = PackedRequest.Pack(PathString.Empty, QueryString.Empty, new HeaderDictionary());
        Assert.Equal("", PackedRequest.Path(packed).ToUriComponent() + PackedRequest.Query(packed).ToUriComponent());
        Assert.Empty(PackedRequest.Headers(packed));
    }
}
