using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Starling.Server.Sessions;

/// <summary>What is known of the HTTP request that opened a session. Immutable, and valid as long as the session.</summary>
public sealed class Handshake
{
    private readonly QueryString _queryString;
    private IQueryCollection? _query;

    internal Handshake(HttpContext context, DateTimeOffset now)
    {
        var request = context.Request;
        Headers = Copy(request.Headers);
        _queryString = request.QueryString;
        Url = request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + request.QueryString.ToUriComponent();
        Address = context.Connection.RemoteIpAddress;
        IsSecure = request.IsHttps;
        IsCrossDomain = request.Headers.Origin.Count > 0;
        IssuedAt = now;
        User = context.User;
    }

    /// <summary>The request's headers; names compare without regard to case.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers { get; }

    /// <summary>The request's query, decoded.</summary>
    public IQueryCollection Query => _query ??= new QueryCollection(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(_queryString.Value));

    /// <summary>Path and query of the request.</summary>
    public string Url { get; }

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

    private static Dictionary<string, StringValues> Copy(IHeaderDictionary headers)
    {
        var copy = new Dictionary<string, StringValues>(headers.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
        {
            copy[name] = value;
        }

        return copy;
    }
}
