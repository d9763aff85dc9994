using System.Net.Sockets;
using Starling.Messaging.NodeIpc;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>This program as a child of Node.js, when it is started with a variable that says so: answers what it gets.</summary>
internal static class ChannelPeer
{
    public const string Variable = "STARLING_TEST_CHANNEL_PEER";

    /// <summary>Returns the exit code.</summary>
    public static async Task<int> RunAsync()
    {
        NodeChannel? channel;
        try
        {
            channel = NodeChannel.FromEnvironment();
        }
        catch (NodeChannelException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 3;
        }

        if (channel is null || Environment.GetEnvironmentVariable("NODE_CHANNEL_FD") is not null)
        {
            return 4;
        }

        channel.Start();
        await channel.SendAsync("ready");
        await foreach (var message in channel.Messages.ReadAllAsync())
        {
            if (message.Is("leave"))
            {
                await channel.SendAsync("bye");
                await channel.DisconnectAsync();
                return 5;
            }

            await AnswerAsync(channel, message);
        }

        return channel.Error is null ? 42 : 6;
    }

    private static async Task AnswerAsync(NodeChannel channel, NodeMessage message)
    {
        if (message.Handle is null)
        {
            await channel.SendAsync(new { Got = message.Body });
            return;
        }

        using var handle = message.Handle;
        using var socket = handle.ToSocket();
        if (handle.Kind == NodeHandleKind.Socket && message.Is("back"))
        {
            await channel.SendAsync("returned", socket);
            return;
        }

        using var connection = handle.Kind == NodeHandleKind.Server ? await socket.AcceptAsync() : socket;
        await connection.SendAsync("from C#"u8.ToArray());
        connection.Shutdown(SocketShutdown.Both);
    }
}
