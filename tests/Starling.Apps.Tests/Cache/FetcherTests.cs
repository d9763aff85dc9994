using System.Net;
using Starling.Apps.Cache;
using Starling.Apps.Cache.Fetching;
using Starling.Apps.Cache.Links;
using Starling.Server.Tests;

namespace Starling.Apps.Tests.Cache;

public sealed class FetcherTests
{
    private static readonly FetchLimits Open = new() { AllowPrivate = true };

    [Fact]
    public async Task A_resource_comes_with_what_its_source_said()
    {
        await using var source = await CacheSource.StartAsync();
        using var fetcher = new Fetcher(Open, TimeProvider.System);
        var (head, body) = await fetcher.FetchAsync(source.Url + "/text/a#part", TestContext.Current.CancellationToken);
        using var reader = new StreamReader(body);
        Assert.Equal("text of a", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("HTTP/1.1 200 OK", head.Status);
        Assert.Equal("text/plain; charset=utf-8", head.ContentType());
        Assert.Equal(source.Url + "/text/a", head.Url);
    }

    [Fact]
    public async Task Redirects_are_followed_as_far_as_allowed()
    {
        await using var source = await CacheSource.StartAsync();
        using var fetcher = new Fetcher(Open with { MaxRedirects = 3 }, TimeProvider.System);
        var (head, body) = await fetcher.FetchAsync(source.Url + "/hops/3", TestContext.Current.CancellationToken);
        await body.DisposeAsync();
        Assert.Equal(source.Url + "/hops/0", head.FinalUrl);
        Assert.Equal(CacheError.BadRedirect, await RefusalAsync(fetcher, source.Url + "/hops/4"));
        Assert.Equal(CacheError.BadRedirect, await RefusalAsync(fetcher, source.Url + "/circle"));
        Assert.Equal(CacheError.BadRedirect, await RefusalAsync(fetcher, source.Url + "/to?url=file:///etc/passwd"));
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: ftp://example.org/\r\n\r\n", CacheError.BadRedirect, "leads on to what is not fetched: 'ftp://example.org/'")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://[/\r\n\r\n", CacheError.BadRedirect, "leads on to 'http://[/', which is no address")]
    [InlineData("HTTP/1.1 302 Found\r\n\r\n", CacheError.BadRedirect, "leads on without saying where to (Location)")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc", CacheError.SourceFailed, "as '99999999999999999999' (Content-Length)")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", CacheError.SourceFailed, "as '-5' (Content-Length)")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nabcde", CacheError.SourceFailed, "as '2, 5' (Content-Length)")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-2/100\r\nContent-Length: 3\r\n\r\nabc", CacheError.SourceRefused, "a part (206)")]
    [InlineData("", CacheError.SourceFailed, "may not speak http: The response ended prematurely")]
    [InlineData("SSH-2.0-foo\r\n", CacheError.SourceFailed, "may not speak http: Received an invalid status line")]
    public async Task What_a_source_does_wrong_is_refused_and_said(string answer, CacheError error, string expected)
    {
        await using var source = new RawSource(answer);
        using var fetcher = new Fetcher(Open, TimeProvider.System);
        var refusal = await Assert.ThrowsAsync<CacheException>(() => fetcher.FetchAsync(source.Url, TestContext.Current.CancellationToken));
        Assert.Equal(error, refusal.Error);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_length_that_is_said_twice_alike_is_one()
    {
        await using var source = new RawSource("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc");
        using var fetcher = new Fetcher(Open, TimeProvider.System);
        var (head, body) = await fetcher.FetchAsync(source.Url, TestContext.Current.CancellationToken);
        await body.DisposeAsync();
        Assert.Equal(3, head.Length);
    }

    [Fact]
    public async Task An_ipv4_address_within_ipv6_is_reached()
    {
        await using var source = await CacheSource.StartAsync();
        using var fetcher = new Fetcher(Open, TimeProvider.System);
        var (_, body) = await fetcher.FetchAsync($"http://[::ffff:127.0.0.1]:{source.Port}/text/a", TestContext.Current.CancellationToken);
        await body.DisposeAsync();
        Assert.Equal(1, source.Asked("/text/a"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/text/a")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/text/a")]
    [InlineData("http://2130706433:{0}/text/a")]
    [InlineData("http://0x7f.1:{0}/text/a")]
    [InlineData("http://localhost:{0}/text/a")]
    public async Task A_private_address_is_refused_however_it_is_written(string form)
    {
        await using var source = await CacheSource.StartAsync();
        using var fetcher = new Fetcher(new FetchLimits(), TimeProvider.System);
        Assert.Equal(CacheError.PrivateAddress, await RefusalAsync(fetcher, string.Format(null, form, source.Port)));
        Assert.Equal(0, source.Asked("/text/a"));
    }

    [Fact]
    public async Task A_redirect_to_a_private_address_is_refused()
    {
        await using var source = await CacheSource.StartAsync();
        using var fetcher = new Fetcher(new FetchLimits(), TimeProvider.System, address => address.Equals(IPAddress.Loopback));
        Assert.Equal(CacheError.PrivateAddress, await RefusalAsync(fetcher, source.Url + $"/to?url=http://127.0.0.2:{source.Port}/text/a"));
        Assert.Equal(0, source.Asked("/text/a"));
    }

    [Fact]
    public async Task The_address_that_was_checked_is_the_one_that_is_used()
    {
        await using var source = await CacheSource.StartAsync();
        var asked = new List<string>();
        IPAddress[] answers = [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback];
        using var fetcher = new Fetcher(Open, TimeProvider.System, address => address.Equals(IPAddress.Loopback), (host, _) =>
        {
            asked.Add(host);
            return Task.FromResult(answers);
        });
        var (_, body) = await fetcher.FetchAsync($"http://rebinding.test:{source.Port}/text/a", TestContext.Current.CancellationToken);
        await body.DisposeAsync();
        Assert.Equal(["rebinding.test"], asked);
        answers = [IPAddress.Parse("10.0.0.1")];
        Assert.Equal(CacheError.PrivateAddress, await RefusalAsync(fetcher, $"http://other.test:{source.Port}/text/a"));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_or_while_it_comes()
    {
        await using var source = await CacheSource.StartAsync();
        using var fetcher = new Fetcher(Open with { MaxSize = 1000 }, TimeProvider.System);
        Assert.Equal(CacheError.TooLarge, await RefusalAsync(fetcher, source.Url + "/bytes/1001"));
        Assert.Equal(CacheError.TooLarge, await BodyRefusalAsync(fetcher, source.Url + "/unmeasured/1"));
        var (_, body) = await fetcher.FetchAsync(source.Url + "/bytes/1000", TestContext.Current.CancellationToken);
        await body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        await body.DisposeAsync();
    }

    [Fact]
    public async Task A_source_that_does_not_answer_is_given_up()
    {
        await using var source = await CacheSource.StartAsync();
        var time = new ManualTime();
        using var fetcher = new Fetcher(Open, time);
        var refusal = RefusalAsync(fetcher, source.Url + "/silent");
        while (source.Asked("/silent") == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        time.Advance(Open.Timeout);
        Assert.Equal(CacheError.TimedOut, await refusal);
    }

    [Fact]
    public async Task A_source_that_falls_silent_in_the_midst_of_its_answer_is_given_up()
    {
        await using var source = await CacheSource.StartAsync();
        var time = new ManualTime();
        using var fetcher = new Fetcher(Open, time);
        var (_, body) = await fetcher.FetchAsync(source.Url + "/stalled", TestContext.Current.CancellationToken);
        await using (body)
        {
            await body.ReadExactlyAsync(new byte[500], TestContext.Current.CancellationToken);
            time.Advance(Open.Timeout);
            var next = body.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
            Assert.False(next.IsCompleted);
            time.Advance(Open.Timeout);
            Assert.Equal(CacheError.TimedOut, StreamFailure.Read(await Assert.ThrowsAsync<IOException>(() => next.AsTask()))?.Error);
        }
    }

    [Fact]
    public async Task A_source_that_sends_a_little_now_and_then_is_given_up_in_the_end()
    {
        await using var source = await CacheSource.StartAsync();
        var time = new ManualTime();
        using var fetcher = new Fetcher(Open with { MaxTime = TimeSpan.FromMinutes(2) }, time);
        var (_, body) = await fetcher.FetchAsync(source.Url + "/trickle/600", TestContext.Current.CancellationToken);
        await using (body)
        {
            for (var i = 0; i < 5; i++)
            {
                await body.ReadExactlyAsync(new byte[1000], TestContext.Current.CancellationToken);
                time.Advance(TimeSpan.FromSeconds(20));
            }

            time.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(CacheError.TimedOut, StreamFailure.Read(await Assert.ThrowsAsync<IOException>(() => body.CopyToAsync(Stream.Null)))?.Error);
        }
    }

    [Fact]
    public async Task A_source_that_breaks_off_refuses_or_is_not_there_is_told_apart()
    {
        await using var source = await CacheSource.StartAsync();
        using var fetcher = new Fetcher(Open, TimeProvider.System, null, (host, token) =>
            host == "nowhere.test" ? throw new System.Net.Sockets.SocketException(11001) : Dns.GetHostAddressesAsync(host, token));
        Assert.Equal(CacheError.SourceFailed, await BodyRefusalAsync(fetcher, source.Url + "/broken"));
        Assert.Equal(CacheError.SourceRefused, await RefusalAsync(fetcher, source.Url + "/status/503"));
        Assert.Equal(CacheError.UnknownHost, await RefusalAsync(fetcher, "http://nowhere.test/"));
        Assert.Equal(CacheError.SourceFailed, await RefusalAsync(fetcher, $"https://127.0.0.1:{source.Port}/text/a"));
        var url = source.Url + "/text/a";
        await source.DisposeAsync();
        Assert.Equal(CacheError.SourceFailed, await RefusalAsync(fetcher, url));
    }

    private static async Task<CacheError> RefusalAsync(Fetcher fetcher, string url) =>
        (await Assert.ThrowsAsync<CacheException>(() => fetcher.FetchAsync(url, TestContext.Current.CancellationToken))).Error;

    private static async Task<CacheError?> BodyRefusalAsync(Fetcher fetcher, string url)
    {
        var (_, body) = await fetcher.FetchAsync(url, TestContext.Current.CancellationToken);
        await using (body)
        {
            return StreamFailure.Read(await Assert.ThrowsAsync<IOException>(() => body.CopyToAsync(Stream.Null)))?.Error;
        }
    }
}
