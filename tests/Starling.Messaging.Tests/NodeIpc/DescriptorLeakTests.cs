using System.Net;
using System.Net.Sockets;
using Starling.Messaging.NodeIpc;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>Counts the descriptors of this process, so no other test may run at the same time.</summary>
[Collection(nameof(DescriptorLeakTests))]
[CollectionDefinition(nameof(DescriptorLeakTests), DisableParallelization = true)]
public sealed class DescriptorLeakTests
{
    [Fact]
    public async Task Channels_and_handles_leave_no_descriptor_behind()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self/fd"), "Only Linux lists the descriptors of a process.");
        await UseAsync();
        var before = Count();
        for (var i = 0; i < 20; i++)
        {
            await UseAsync();
        }

        Assert.InRange(Count(), before - 100, before + 5);
    }

    private static int Count() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    private static async Task UseAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var (channel, theirs) = NodeChannel.CreatePair();
        await using (channel)
        await using (var other = NodeChannel.Attach(theirs))
        {
            channel.Start();
            other.Start();
            for (var i = 0; i < 5; i++)
            {
                await channel.SendAsync(i, listener);
                using var handle = (await other.Messages.ReadAsync().AsTask().WaitAsync(ChannelChild.Limit)).Handle!;
                using var socket = handle.ToSocket();
            }

            // Read by nobody, and never acknowledged.
            await channel.SendAsync("unread", listener);
            await other.SendAsync("unread", listener);
        }
    }
}
