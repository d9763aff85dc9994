using System.Text;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Routing;

namespace Starling.Supervisor.Tests.Routing;

public sealed class RouteQueueTests
{
    [Fact]
    public async Task A_process_that_does_not_read_loses_the_oldest_messages_and_holds_nobody_up()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Node's channel is not there on Windows.");
        var (ours, forChild) = NodeChannel.CreatePair(new NodeChannelOptions { MaxQueuedBytes = 10_000 });
        await using var sender = ours;
        await using var receiver = NodeChannel.Attach(forChild);
        sender.Start();
        var drops = 0;
        var queue = new RouteQueue(sender, () => drops++, maxBytes: 100_000);
        for (var i = 0; i < 1_000; i++)
        {
            queue.Add(Encoding.UTF8.GetBytes($"{{\"n\":{i},\"filler\":\"{new string('x', 10_000)}\"}}"));
        }

        // Added without a wait; now the process begins to read.
        receiver.Start();
        var seen = new List<int>();
        await foreach (var message in receiver.Messages.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            seen.Add(message.Body.GetProperty("n").GetInt32());
            if (seen[^1] == 999)
            {
                break;
            }
        }

        Assert.Equal(1, drops);
        Assert.InRange(seen.Count, 9, 900);
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(Enumerable.Range(991, 9), seen[^9..]);
    }
}
