using System.Text.Json;

namespace Starling.Messaging.NodeIpc.Cluster;

/// <summary>Where a worker of Node's <c>cluster</c> module wants to listen.</summary>
/// <param name="Host">Address or absolute path of a Unix socket; null for all addresses of this machine, IPv6 and IPv4.</param>
/// <param name="Port">Port; 0 for any free one; -1 with a path.</param>
/// <param name="Kind">TCP, Unix or UDP.</param>
/// <param name="Index">
/// 0 for the first server of a worker on an address, 1 for its second, and so on. Workers share what is equal in all parts, so each server on
/// port 0 has a port of its own and has the same one in every worker.
/// </param>
/// <param name="Descriptor">The number of a descriptor of the primary to listen on instead, or -1.</param>
/// <param name="Flags">Node's bits: 1 for IPv6 only.</param>
public sealed record ClusterAddress(string? Host, int Port, ClusterAddressKind Kind, int Index, int Descriptor, int Flags)
{
    /// <summary>Whether it is for datagrams.</summary>
    public bool IsDatagram => Kind is ClusterAddressKind.Udp4 or ClusterAddressKind.Udp6;

    internal static ClusterAddress? Read(JsonElement message)
    {
        if (!TryReadKind(message, out var kind))
        {
            return null;
        }

        var host = NodeJson.Text(message, "address");
        return new ClusterAddress(
            host, Number(message, "port", 0), kind, Number(message, "index", 0), Number(message, "fd", -1), Number(message, "flags", 0));
    }

    private static bool TryReadKind(JsonElement message, out ClusterAddressKind kind)
    {
        kind = ClusterAddressKind.Tcp;
        if (!NodeJson.TryGet(message, "addressType", out var type))
        {
            return false;
        }

        (kind, var known) = type.ValueKind switch
        {
            JsonValueKind.Number => type.TryGetInt32(out var number) && number < 0 ? (ClusterAddressKind.Unix, true) : (ClusterAddressKind.Tcp, true),
            JsonValueKind.String when type.ValueEquals("udp4") => (ClusterAddressKind.Udp4, true),
            JsonValueKind.String when type.ValueEquals("udp6") => (ClusterAddressKind.Udp6, true),
            JsonValueKind.Null => (ClusterAddressKind.Tcp, true),
            _ => (ClusterAddressKind.Tcp, false),
        };
        return known;
    }

    private static int Number(JsonElement message, string name, int otherwise) =>
        NodeJson.Number(message, name) is { } number and >= int.MinValue and <= int.MaxValue ? (int)number : otherwise;
}
