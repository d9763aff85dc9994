namespace Starling.Messaging.NodeIpc.Cluster;

/// <summary>What kind of socket a worker wants to share.</summary>
public enum ClusterAddressKind
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>A Unix socket.</summary>
    Unix,

    /// <summary>Datagrams over IPv4.</summary>
    Udp4,

    /// <summary>Datagrams over IPv6.</summary>
    Udp6,
}
