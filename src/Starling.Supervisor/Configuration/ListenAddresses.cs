using System.Globalization;
using System.Net;

namespace Starling.Supervisor.Configuration;

/// <summary>Tells what is an address to listen on from what is not.</summary>
internal static class ListenAddresses
{
    private const string UnixPrefix = "unix:";

    public static bool IsValid(string address)
    {
        if (address.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            return address.Length > UnixPrefix.Length;
        }

        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0 && address[..scheme] is not ("http" or "https" or "tcp"))
        {
            return false;
        }

        var place = (scheme < 0 ? address : address[(scheme + 3)..]).TrimEnd('/');
        var colon = place.LastIndexOf(':');
        var host = colon < 0 ? null : place[..colon];
        return ushort.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _) && (host is null ? scheme < 0 : IsHost(host));
    }

    /// <summary>The address with the path of a Unix socket made absolute.</summary>
    public static string Absolute(string address, string folder) =>
        address.StartsWith(UnixPrefix, StringComparison.Ordinal) ? UnixPrefix + Path.GetFullPath(address[UnixPrefix.Length..], folder) : address;

    private static bool IsHost(string host) => host switch
    {
        "*" => true,
        ['[', .. var inner, ']'] => IPAddress.TryParse(inner, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        _ => !host.Contains(':') && Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4,
    };
}
