namespace Starling.Server.Hosting;

/// <summary>Settings of an <see cref="OriginGuard"/>.</summary>
public sealed record OriginGuardOptions
{
    /// <summary>
    /// Names under which the server is known, beside <c>localhost</c> and every IP address. <c>*.example.com</c> stands for all names below
    /// <c>example.com</c>, <c>*</c> for any name. Pages of these hosts may use the server too, whatever their scheme and port. Empty by default.
    /// </summary>
    public IReadOnlyCollection<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins, such as <c>https://example.com</c>, whose pages may use the server; <c>*</c> for all. Empty by default.</summary>
    public IReadOnlyCollection<string> AllowedOrigins { get; init; } = [];

    /// <summary>Whether pages of other origins may lead a browser here by a link. False by default.</summary>
    public bool AllowLinks { get; init; }

    /// <summary>How a host is allowed, as it is told to a client with an unknown one. Default: by <c>AllowedHosts</c>.</summary>
    public string HostHint { get; init; } = "add the name to AllowedHosts";
}
