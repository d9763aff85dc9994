using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Starling.Server.Backplane;

namespace Starling.Cluster.Tests;

/// <summary>Nodes in this process.</summary>
internal static class TestNode
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static LocalBackplane Create(TestFolder folder, Action<LocalClusterOptions>? configure = null, LogList? log = null)
    {
        var options = new LocalClusterOptions { Folder = folder.Path, SearchInterval = TimeSpan.FromMilliseconds(100) };
        configure?.Invoke(options);
        return new LocalBackplane(Options.Create(options), log: log);
    }

    public static async Task<LocalBackplane> JoinAsync(TestFolder folder, Action<LocalClusterOptions>? configure = null, LogList? log = null)
    {
        var node = Create(folder, configure, log);
        await node.JoinAsync(Token);
        return node;
    }

    public static async Task<ChannelReader<BackplaneMessage>> InboxAsync(this IBackplane node, string topic)
    {
        var inbox = Channel.CreateUnbounded<BackplaneMessage>();
        await node.SubscribeAsync(topic, message => inbox.Writer.WriteAsync(message), Token);
        return inbox.Reader;
    }

    public static ValueTask PublishAsync(this IBackplane node, string topic, int number) =>
        node.PublishAsync(new DataMessage(topic, BitConverter.GetBytes(number)), Token);

    public static async Task<int> NumberAsync(this ChannelReader<BackplaneMessage> inbox) =>
        BitConverter.ToInt32(((DataMessage)await inbox.ReadAsync(Token).AsTask().WaitAsync(Patience, Token)).Data.Span);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "It did not come to this: " + what);
            await Task.Delay(10, Token);
        }
    }

    public static int Count(this IBackplane node, string topic) => node.CountOthersAsync(topic, CancellationToken.None).AsTask().Result;
}
