using Starling.LoadGenerator.Workloads;

namespace Starling.LoadGenerator.Connections;

/// <summary>A Socket.IO client: Engine.IO's open packet, <c>40</c> and its answer.</summary>
internal sealed class SocketIOProtocol : IClientProtocol
{
    public string Path => "/socket.io/?EIO=4&transport=websocket";

    public void Join(Connection connection, ReadOnlySpan<byte> message)
    {
        if (connection.State == ConnectionState.Opening && message.StartsWith("0{\"sid\":"u8))
        {
            connection.WriteText("40"u8);
            connection.State = ConnectionState.Joining;
        }
        else if (connection.State == ConnectionState.Joining && message.StartsWith("40{\"sid\":"u8))
        {
            connection.State = ConnectionState.Ready;
        }
        else
        {
            throw Workload.Unexpected(message);
        }
    }
}
