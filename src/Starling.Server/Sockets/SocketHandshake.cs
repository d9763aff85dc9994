using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>The request that opened a socket's connection, and what its client sent when it joined the namespace.</summary>
public sealed class SocketHandshake
{
    internal SocketHandshake(Handshake request, JsonElement auth)
    {
        Request = request;
        Auth = auth;
    }

    /// <summary>The HTTP request.</summary>
    public Handshake Request { get; }

    /// <summary>The client's <c>auth</c> object; empty when it sent none.</summary>
    public JsonElement Auth { get; }

    /// <summary>The request's headers.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers => Request.Headers;

    /// <summary>The request's query.</summary>
    public IQueryCollection Query => Request.Query;

    /// <summary>The client's address, or null when the connection is not over IP.</summary>
    public IPAddress? Address => Request.Address;

    /// <summary>The request's principal.</summary>
    public ClaimsPrincipal User => Request.User;
}
