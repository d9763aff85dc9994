using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Starling.Messaging.Links;

/// <summary>
/// Where a service is: <c>inproc:name</c>, <c>unix:///path</c>, <c>pipe:name</c>, <c>tcp://host:port</c>, <c>tls://host:port</c>,
/// <c>quic://host:port</c>, <c>stdio:</c>.
/// </summary>
public sealed record LinkAddress
{
    /// <summary>Bytes that a system has for the path of a socket.</summary>
    private static readonly int MaxSocketPath = OperatingSystem.IsMacOS() ? 103 : 107;

    private LinkAddress(LinkScheme scheme, string name, int port)
    {
        Scheme = scheme;
        Name = name;
        Port = port;
    }

    /// <summary>What carries the link.</summary>
    public LinkScheme Scheme { get; }

    /// <summary>The name, the path or the host; empty for the standard streams.</summary>
    public string Name { get; }

    /// <summary>The port; for a listener 0 lets the system choose. 0 also where there is none.</summary>
    public int Port { get; }

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static LinkAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var address, out var problem) ? address : throw new FormatException(problem);
    }

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="address">The same, taken apart.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out LinkAddress? address) =>
        TryParse(text ?? "", out address, out _);

    /// <inheritdoc/>
    public override string ToString() => Scheme switch
    {
        LinkScheme.InProcess => "inproc:" + Name,
        LinkScheme.Unix => "unix://" + Name,
        LinkScheme.Pipe => "pipe:" + Name,
        LinkScheme.StandardStreams => "stdio:",
        _ => string.Create(CultureInfo.InvariantCulture, $"{SchemeText()}://{(Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]" : Name)}:{Port}"),
    };

    internal LinkAddress WithPort(int port) => new(Scheme, Name, port);

    private static bool TryParse(string text, [NotNullWhen(true)] out LinkAddress? address, [NotNullWhen(false)] out string? problem)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var rest = text[(colon + 1)..];
        (address, problem) = (colon < 0 ? "" : text[..colon].ToLowerInvariant()) switch
        {
            "inproc" => Named(LinkScheme.InProcess, rest, "inproc:name"),
            "pipe" => Named(LinkScheme.Pipe, rest, "pipe:name"),
            "unix" => Unix(rest),
            "tcp" => HostAndPort(LinkScheme.Tcp, rest),
            "tls" => HostAndPort(LinkScheme.Tls, rest),
            "quic" => HostAndPort(LinkScheme.Quic, rest),
            "stdio" when rest.Length == 0 => (new LinkAddress(LinkScheme.StandardStreams, "", 0), null),
            _ => (null, "An address begins with one of inproc:, unix://, pipe:, tcp://, tls://, quic://, or is stdio:"),
        };
        problem = address is null ? $"'{text}' is no address of a service. {problem}" : null;
        return address is not null;
    }

    private static (LinkAddress? Address, string? Problem) Named(LinkScheme scheme, string name, string form) =>
        name.Length > 0 && !name.AsSpan().ContainsAny("/\\") ? (new LinkAddress(scheme, name, 0), null) : (null, $"The form is {form}, without slashes.");

    private static (LinkAddress? Address, string? Problem) Unix(string rest)
    {
        var path = rest.StartsWith("///", StringComparison.Ordinal) ? rest[2..] : rest;
        if (!Path.IsPathRooted(path) || path.StartsWith("//", StringComparison.Ordinal) || path.Length == 1)
        {
            return (null, "The form is unix:///full/path.");
        }

        var length = Encoding.UTF8.GetByteCount(path);
        return length <= MaxSocketPath
            ? (new LinkAddress(LinkScheme.Unix, path, 0), null)
            : (null, $"It is too long: the path of a socket has at most {MaxSocketPath} bytes, and this one {length}.");
    }

    private static (LinkAddress? Address, string? Problem) HostAndPort(LinkScheme scheme, string rest)
    {
        var end = rest.LastIndexOf(':');
        if (rest.StartsWith("//", StringComparison.Ordinal) && end > 2
            && ushort.TryParse(rest.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            var host = rest[2..end];
            var isBracketed = host.StartsWith('[') && host.EndsWith(']');
            var kind = Uri.CheckHostName(isBracketed ? host[1..^1] : host);
            if (isBracketed ? kind == UriHostNameType.IPv6 : kind is UriHostNameType.Dns or UriHostNameType.IPv4)
            {
                return (new LinkAddress(scheme, isBracketed ? host[1..^1] : host, port), null);
            }
        }

        return (null, "The form is tcp://host:port; an IPv6 address stands in brackets.");
    }

    private string SchemeText() => Scheme switch
    {
        LinkScheme.Tcp => "tcp",
        LinkScheme.Tls => "tls",
        _ => "quic",
    };
}
