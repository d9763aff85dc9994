using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Starling.Apps.Cache.Links;

namespace Starling.Apps.Cache.Fetching;

/// <summary>Gets resources over HTTP and HTTPS. Thread-safe. Owner: the fetch service.</summary>
internal sealed class Fetcher : IDisposable
{
    private const int MaxHeaderValue = 1024;

    private static readonly string[] HeadersOfInterest =
        ["Content-Type", "Content-Encoding", "Content-Language", "Last-Modified", "ETag", "Date", "Cache-Control", "Server"];

    private readonly FetchLimits _limits;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;
    private readonly CancellationTokenSource _closing = new();

    /// <param name="limits">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isAllowed">Which addresses may be connected with; without it those that the limits allow.</param>
    /// <param name="resolve">Looks names up; without it the system does.</param>
    public Fetcher(
        FetchLimits limits,
        TimeProvider time,
        Func<IPAddress, bool>? isAllowed = null,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _limits = limits;
        _time = time;
        var connector = new GuardedConnector(isAllowed ?? (limits.AllowPrivate ? _ => true : AddressRules.IsPublic), resolve ?? Dns.GetHostAddressesAsync);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = connector.ConnectAsync,

            // Redirects are followed here, so that each is counted and checked. A proxy would look names up where no rule of ours holds.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,

            // What the source compressed is kept as it came: a small answer cannot become a large one.
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = 64,
            MaxConnectionsPerServer = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),

            // A body that nobody reads to its end is not read for the sake of its connection.
            MaxResponseDrainSize = 0,
        });
    }

    /// <summary>Fetches a resource.</summary>
    /// <returns>What the source said, and the body, to be disposed.</returns>
    /// <exception cref="CacheException">It cannot be had.</exception>
    public async Task<(ResourceHead Head, Stream Body)> FetchAsync(string text, CancellationToken cancellationToken)
    {
        var url = SourceUrl.Parse(text);
        var clock = new FetchClock(_limits, _time, _closing.Token);
        try
        {
            // Its life ends with this method: a body is read on when the call is long answered.
            await using var registration = clock.CancelWith(cancellationToken);
            return await FollowAsync(url, clock);
        }
        catch (Exception e)
        {
            var reason = e is OperationCanceledException && !cancellationToken.IsCancellationRequested ? clock.Reason(url.Host) : null;
            clock.Dispose();
            if ((reason ?? Explain(e, url)) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>Ends all fetches.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        _client.Dispose();
    }

    private async Task<(ResourceHead Head, Stream Body)> FollowAsync(Uri url, FetchClock clock)
    {
        var seen = new HashSet<Uri>();
        for (var target = url; ;)
        {
            if (!seen.Add(target))
            {
                throw new CacheException(CacheError.BadRedirect, $"The redirects go in a circle: {target} was asked before.");
            }

            clock.Start();
            var response = await AskAsync(target, clock.Token);
            clock.Stop();
            try
            {
                if (Redirect(response, target) is not { } next)
                {
                    var head = Read(response, url, target);
                    var stream = await response.Content.ReadAsStreamAsync(clock.Token);
                    return (head, new SourceBody(response, stream, clock, _limits, target.Host));
                }

                response.Dispose();
                target = seen.Count <= _limits.MaxRedirects
                    ? next
                    : throw new CacheException(CacheError.BadRedirect, $"{url} leads on more than {_limits.MaxRedirects} times (--max-redirects).");
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }

    private async Task<HttpResponseMessage> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        request.Headers.TryAddWithoutValidation("User-Agent", "starling-cache");
        return await _client.SendAsync(request, cancellationToken);
    }

    private static Uri? Redirect(HttpResponseMessage response, Uri from)
    {
        if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
        {
            return null;
        }

        var next = Target(response, from);
        return from.Scheme == "https" && next.Scheme == "http"
            ? throw new CacheException(CacheError.BadRedirect, $"{from} leads from https to http, to {next}, which is not followed.")
            : next;
    }

    private static Uri Target(HttpResponseMessage response, Uri from)
    {
        if (response.Headers.Location is not { } location || !Uri.TryCreate(from, location, out var target))
        {
            var what = Value(response, "Location") is { Length: > 0 } text ? $"to '{text}', which is no address" : "without saying where to (Location)";
            throw new CacheException(CacheError.BadRedirect, $"{from} leads on {what}.");
        }

        try
        {
            return SourceUrl.Parse(target.AbsoluteUri);
        }
        catch (CacheException e)
        {
            throw new CacheException(CacheError.BadRedirect, $"{from} leads on to what is not fetched: {e.Message}", e);
        }
    }

    private ResourceHead Read(HttpResponseMessage response, Uri url, Uri final)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new CacheException(
                CacheError.SourceRefused, $"{final.Host} answered {(int)response.StatusCode} {response.ReasonPhrase}; nothing is kept of it.");
        }

        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            throw new CacheException(CacheError.SourceRefused, $"{final.Host} answered with a part (206), though the whole was asked for; nothing is kept of it.");
        }

        var length = Length(response, final.Host);
        if (length > _limits.MaxSize)
        {
            throw SourceBody.TooLarge(final.Host, _limits);
        }

        var headers = from name in HeadersOfInterest
                      let value = Value(response, name)
                      where value is not null
                      select new HeaderField(name, value.Length > MaxHeaderValue ? value[..MaxHeaderValue] : value);
        return new ResourceHead(
            url.AbsoluteUri, final.AbsoluteUri, $"HTTP/{response.Version} {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd(), length, [.. headers]);
    }

    /// <summary>How long the body is said to be. Without a length that can be trusted a body that broke off looks whole.</summary>
    private static long? Length(HttpResponseMessage response, string host)
    {
        if (!response.Content.Headers.NonValidated.TryGetValues("Content-Length", out var values))
        {
            return response.Content.Headers.ContentLength;
        }

        var lengths = values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal).ToArray();
        return lengths.Length == 1 && long.TryParse(lengths[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new CacheException(
                CacheError.SourceFailed,
                $"{host} gives the length of its answer as '{string.Join(", ", lengths)}' (Content-Length), so whether it is whole cannot be told; nothing is kept of it.");
    }

    private static string? Value(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    private static CacheException? Explain(Exception exception, Uri url)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is CacheException known)
            {
                return known;
            }
        }

        return exception switch
        {
            HttpRequestException { InnerException: AuthenticationException e } =>
                new CacheException(CacheError.SourceFailed, $"There is no trust in {url.Host}: {e.InnerException?.Message ?? e.Message}", exception),
            HttpRequestException { InnerException: SocketException e } =>
                new CacheException(CacheError.SourceFailed, $"{url.Host}:{url.Port} cannot be reached: {e.Message}", exception),
            HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse } => new CacheException(
                CacheError.SourceFailed,
                $"{url.Host}:{url.Port} gave no answer of HTTP, and may not speak {url.Scheme}: {exception.GetBaseException().Message}",
                exception),
            HttpRequestException or IOException =>
                new CacheException(CacheError.SourceFailed, $"{url.Host} failed: {exception.GetBaseException().Message}", exception),
            _ => null,
        };
    }
}
