using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Starling.Server.Sessions;

/// <summary>What is known of the HTTP request that opened a session. Immutable, and valid as long as the session.</summary>
public sealed class Handshake
{
    // One for everybody who has not signed in: asking the request for its principal would make two objects for each.
    private static readonly ClaimsPrincipal Anonymous = new(new ClaimsIdentity());

    private readonly KeyValuePair<string, StringValues>[] _headers;
    private readonly PathString _path;
    private readonly QueryString _queryString;
    private Dictionary<string, StringValues>? _headersByName;
    private IQueryCollection? _query;

    internal Handshake(HttpContext context, DateTimeOffset now)
    {
        var request = context.Request;
        _headers = [.. request.Headers];
        _path = request.PathBase.Add(request.Path);
        _queryString = request.QueryString;
        Address = context.Connection.RemoteIpAddress;
        IsSecure = request.IsHttps;
        IsCrossDomain = request.Headers.Origin.Count > 0;
        IssuedAt = now;
        User = context.Features.Get<IHttpAuthenticationFeature>()?.User ?? Anonymous;
    }

    /// <summary>The request's headers; names compare without regard to case.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers =>
        _headersByName ??= new Dictionary<string, StringValues>(_headers, StringComparer.OrdinalIgnoreCase);

    /// <summary>The request's query, decoded.</summary>
    public IQueryCollection Query => _query ??= new QueryCollection(QueryHelpers.ParseQuery(_queryString.Value));

    /// <summary>Path and query of the request.</summary>
    public string Url => _path.ToUriComponent() + _queryString.ToUriComponent();

    /// <summary>The client's address, or null when the connection is not over IP.</summary>
    public IPAddress? Address { get; }

    /// <summary>Whether the request came over TLS.</summary>
    public bool IsSecure { get; }

    /// <summary>Whether the request had an <c>Origin</c> header.</summary>
    public bool IsCrossDomain { get; }

    /// <summary>When the session was opened.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>The request's principal, as ASP.NET Core's authentication has set it.</summary>
    public ClaimsPrincipal User { get; }
}
