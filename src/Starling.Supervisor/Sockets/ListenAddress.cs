using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Starling.Supervisor.Sockets;

/// <summary>An address that the supervisor listens on for its workers.</summary>
/// <param name="EndPoint">Where.</param>
internal sealed record ListenAddress(EndPoint EndPoint)
{
    private const int Backlog = 4096;

    /// <summary>Reads <c>http://127.0.0.1:8080</c>, <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>localhost:8080</c>, <c>*:8080</c>, <c>8080</c> or <c>unix:/run/app.sock</c>.</summary>
    /// <exception cref="FormatException">It is none of these; the message says what is wrong.</exception>
    public static ListenAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            return new ListenAddress(UnixEndPoint(text));
        }

        var bare = text;
        foreach (var scheme in (ReadOnlySpan<string>)["http://", "https://", "tcp://"])
        {
            bare = bare.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? bare[scheme.Length..].TrimEnd('/') : bare;
        }

        var colon = bare.LastIndexOf(':');
        var host = colon < 0 ? "*" : bare[..colon];
        if (!int.TryParse(bare[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > IPEndPoint.MaxPort)
        {
            throw new FormatException($"'{text}' is no address to listen on: a port, 0 to 65535, has to stand at its end, as in 127.0.0.1:8080.");
        }

        return new ListenAddress(new IPEndPoint(Host(host, text), port));
    }

    /// <summary>Opens a socket that listens there.</summary>
    /// <exception cref="SocketException">The address is in use, or may not be used.</exception>
    public Socket Open()
    {
        var family = EndPoint.AddressFamily;
        var socket = new Socket(family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (EndPoint is UnixDomainSocketEndPoint unix)
            {
                RemoveStale(unix);
            }
            else if (EndPoint is IPEndPoint { Address: var ip } && ip.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(EndPoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The file of a Unix socket outlives a process that was killed. Behind a stale one nobody accepts.</summary>
    private static void RemoveStale(UnixDomainSocketEndPoint unix)
    {
        var path = unix.ToString();
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(unix);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    /// <inheritdoc/>
    public override string ToString() => EndPoint is UnixDomainSocketEndPoint unix ? "unix:" + unix : EndPoint.ToString()!;

    private static IPAddress Host(string host, string text) => host switch
    {
        "" or "*" or "+" or "[::]" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? address
            : throw new FormatException($"'{text}' is no address to listen on: '{host}' should be an address of this machine, localhost, or * for all."),
    };

    private static UnixDomainSocketEndPoint UnixEndPoint(string text)
    {
        var path = text["unix:".Length..];
        path = path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path;
        if (!Path.IsPathRooted(path))
        {
            throw new FormatException($"'{text}' is no address to listen on: the path of a Unix socket has to begin with '/'.");
        }

        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"'{text}' is no address to listen on: the path of a Unix socket has at most 107 bytes.", exception);
        }
    }
}
