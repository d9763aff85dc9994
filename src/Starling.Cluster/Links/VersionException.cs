namespace Starling.Cluster.Links;

/// <summary>The other node speaks another version.</summary>
internal sealed class VersionException(long version)
    : Exception($"it speaks version {version} of the cluster's protocol, this process version {Greeting.Version}")
{
    public long Version { get; } = version;
}
