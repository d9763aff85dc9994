using System.Buffers.Binary;
using System.Net.Sockets;
using Starling.Cluster.Discovery;
using Starling.Cluster.Links;

namespace Starling.Cluster.Tests;

/// <summary>Something that connects to a node and sends what it likes.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public string Name { get; } = NodeName.Create(TimeProvider.System)[1..].Insert(0, "z");

    public static async Task<RawPeer> ConnectAsync(TestFolder folder, LocalBackplane node, bool greets = true)
    {
        var peer = new RawPeer();
        await peer._socket.ConnectAsync(new UnixDomainSocketEndPoint(System.IO.Path.Combine(folder.Path, node.NodeId + ".sock")));
        if (greets)
        {
            await peer.SendAsync(Greeting.Write(peer.Name));
        }

        return peer;
    }

    public static byte[] Frame(byte kind, params byte[] content)
    {
        var frame = new byte[content.Length + 5];
        BinaryPrimitives.WriteInt32LittleEndian(frame, content.Length + 1);
        frame[4] = kind;
        content.CopyTo(frame, 5);
        return frame;
    }

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes);

    /// <summary>Reads until the node closes the connection.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await new NetworkStream(_socket).CopyToAsync(all, TestContext.Current.CancellationToken).WaitAsync(TestNode.Patience);
        return all.ToArray();
    }

    public void Dispose() => _socket.Dispose();
}
