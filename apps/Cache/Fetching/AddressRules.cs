using System.Net;
using System.Net.Sockets;

namespace Starling.Apps.Cache.Fetching;

/// <summary>
/// Which addresses are public. What is not in the registries of IANA as globally reachable is not, nor is what cloud machines ask for
/// their own secrets.
/// </summary>
internal static class AddressRules
{
    private static readonly IPNetwork[] Refused =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",

            // The host of virtual machines at Azure: public by its number, reachable only from inside.
            "168.63.129.16/32",

            // Within 2000::/3: special purposes with Teredo and documentation, and tunnels to any IPv4 address.
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether anybody on the internet can reach the address, so that fetching it for somebody gives away nothing of ours.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        else if (Translated.Contains(address))
        {
            // A network without IPv4 reaches 192.0.2.1 as 64:ff9b::192.0.2.1.
            address = new IPAddress(address.GetAddressBytes().AsSpan(12));
        }

        var isUnicast = address.AddressFamily == AddressFamily.InterNetwork || (address.ScopeId == 0 && GlobalUnicast.Contains(address));
        return isUnicast && !Array.Exists(Refused, network => network.Contains(address));
    }
}
