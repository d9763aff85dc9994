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

    private readonly byte[] _request;
    private readonly long _issuedAt;
    private Dictionary<string, StringValues>? _headers;
    private IQueryCollection? _query;

    internal Handshake(HttpContext context, DateTimeOffset now)
    {
        var request = context.Request;
        _request = PackedRequest.Pack(request.PathBase.Add(request.Path), request.QueryString, request.Headers);
        Address = context.Connection.RemoteIpAddress;
        IsSecure = request.IsHttps;
        IsCrossDomain = request.Headers.Origin.Count > 0;
        _issuedAt = now.UtcTicks;
        User = context.Features.Get<IHttpAuthenticationFeature>()?.User ?? Anonymous;
    }

    /// <summary>The request's headers; names compare without regard to case.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers => _headers ??= PackedRequest.Headers(_request);

    /// <summary>The request's query, decoded.</summary>
    public IQueryCollection Query => _query ??= new QueryCollection(QueryHelpers.ParseQuery(PackedRequest.Query(_request).Value));

    /// <summary>Path and query of the request.</summary>
    public string Url => PackedRequest.Path(_request).ToUriComponent() + PackedRequest.Query(_request).ToUriComponent();

    /// <summary>The client's address, or null when the connection is not over IP.</summary>
    public IPAddress? Address { get; }

    /// <summary>Whether the request came over TLS.</summary>
    public bool IsSecure { get; }

    /// <summary>Whether the request had an <c>Origin</c> header.</summary>
    public bool IsCrossDomain { get; }

    /// <summary>When the session was opened.</summary>
    public DateTimeOffset IssuedAt => new(_issuedAt, TimeSpan.Zero);

    /// <summary>The request's principal, as ASP.NET Core's authentication has set it.</summary>
    public ClaimsPrincipal User { get; }
}
