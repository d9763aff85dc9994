using Starling.Cluster.Discovery;
using Starling.Cluster.Wire;
using Starling.Protocol.Buffers;

namespace Starling.Cluster.Links;

/// <summary>The first frame of either side.</summary>
internal static class Greeting
{
    /// <summary>Version of what is spoken. Another one is refused: fields would be taken for others.</summary>
    public const int Version = 1;

    private static ReadOnlySpan<byte> Letters => "STRL"u8;

    public static byte[] Write(string name)
    {
        using var buffer = new PooledBuffer();
        buffer.Begin(FrameKind.Hello);
        buffer.Write(Letters);
        buffer.WriteNumber(Version);
        buffer.WriteText(name);
        return buffer.End().ToArray();
    }

    /// <returns>The other node's name.</returns>
    /// <exception cref="WireException">It is no greeting.</exception>
    /// <exception cref="VersionException">It is of another version.</exception>
    public static string Read(FrameKind kind, ReadOnlyMemory<byte> content)
    {
        if (kind != FrameKind.Hello || !content.Span.StartsWith(Letters))
        {
            throw new WireException("it did not greet as a node of Starling does");
        }

        var fields = new FieldReader(content[Letters.Length..]);
        var version = fields.ReadNumber();
        if (version != Version)
        {
            throw new VersionException(version);
        }

        var name = fields.ReadText();
        fields.End();
        return NodeName.IsName(name) ? name : throw new WireException("its name is no name of a node");
    }
}
