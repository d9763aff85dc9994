using Starling.Supervisor.Sockets;

namespace Starling.Supervisor.Configuration;

/// <summary>Addresses to listen on as they stand in a process file.</summary>
internal static class ListenAddresses
{
    private const string UnixPrefix = "unix:";

    public static bool IsValid(string address)
    {
        try
        {
            return address != UnixPrefix && ListenAddress.Parse(Absolute(address, "/")) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The address with the path of a Unix socket made absolute.</summary>
    public static string Absolute(string address, string folder) =>
        address.StartsWith(UnixPrefix, StringComparison.Ordinal) ? UnixPrefix + Path.GetFullPath(address[UnixPrefix.Length..], folder) : address;
}
