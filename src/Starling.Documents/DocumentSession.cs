using System.Collections.Concurrent;
using System.Security.Claims;

namespace Starling.Documents;

/// <summary>Who works on documents: one connection of a client, or the server itself. What middleware wants to remember goes to <see cref="Items"/>.</summary>
public sealed class DocumentSession
{
    internal DocumentSession(string source, ClaimsPrincipal? user, IServiceProvider services)
    {
        Source = source;
        User = user;
        Services = services;
    }

    /// <summary>What its operations carry as their source, as others see it.</summary>
    public string Source { get; internal set; }

    /// <summary>The user of the connection; null for the server itself.</summary>
    public ClaimsPrincipal? User { get; }

    /// <summary>Whether this is the server itself, to which authorisation and limits do not apply.</summary>
    public bool IsServer => User is null;

    /// <summary>The user's stable name: the claim <see cref="ClaimTypes.NameIdentifier"/>, else the identity's name, else null.</summary>
    public string? UserId => ActingFor ?? (User?.Identity?.IsAuthenticated == true
        ? User.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? User.Identity.Name
        : null);

    /// <summary>The application's services. Those of a scope are for the application to resolve in a scope of its own.</summary>
    public IServiceProvider Services { get; }

    /// <summary>For the application's own use. Thread-safe.</summary>
    public IDictionary<string, object?> Items { get; } = new ConcurrentDictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>The user in whose name the server works.</summary>
    internal string? ActingFor { get; init; }
}
