using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Starling.Server.Transports.WebSockets;

/// <summary>Chooses the subprotocol of a WebSocket (RFC 6455, section 1.9).</summary>
internal static class WebSocketSubprotocols
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The first subprotocol of the client's list that is one of <paramref name="known"/>, or null.</summary>
    public static string? Choose(HttpContext context, IReadOnlyList<string> known) =>
        known.Count == 0 ? null : First(context, name => known.Contains(name, StringComparer.Ordinal));

    /// <summary>The first subprotocol of the client's list, or null.</summary>
    public static string? ChooseFirst(HttpContext context) => First(context, IsToken);

    /// <exception cref="ArgumentException">The name cannot be sent in a header.</exception>
    public static void Check(string name)
    {
        if (name is null || !IsToken(name))
        {
            throw new ArgumentException($"'{name}' cannot be the name of a subprotocol; use letters, digits and !#$%&'*+-.^_`|~.");
        }
    }

    private static bool IsToken(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static string? First(HttpContext context, Func<string, bool> isWanted)
    {
        foreach (var line in context.Request.Headers.SecWebSocketProtocol)
        {
            foreach (var name in (line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (isWanted(name))
                {
                    return name;
                }
            }
        }

        return null;
    }
}
