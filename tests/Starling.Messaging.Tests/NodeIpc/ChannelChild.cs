using Starling.Messaging.NodeIpc;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>A child process with a channel to this one.</summary>
internal sealed class ChannelChild : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly int _id;

    private ChannelChild(int id, NodeChannel channel)
    {
        _id = id;
        Channel = channel;
        Exited = PosixSpawn.WaitAsync(id);
    }

    public NodeChannel Channel { get; }

    /// <summary>Its exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Runs a script of Node.js. Call <see cref="NodeChannel.Start"/> of the channel unless <paramref name="start"/> is set.</summary>
    public static ChannelChild StartNode(string script, bool start = true, params (string Name, string Value)[] environment) =>
        Start("node", ["-e", script], start, environment);

    public static ChannelChild Start(string program, string[] arguments, bool start, params (string Name, string Value)[] environment)
    {
        var (channel, theirs) = NodeChannel.CreatePair();
        using (theirs)
        {
            var variables = environment.ToDictionary(static pair => pair.Name, static pair => pair.Value);
            variables["NODE_CHANNEL_FD"] = "3";
            variables["NODE_CHANNEL_SERIALIZATION_MODE"] = "json";
            var child = new ChannelChild(PosixSpawn.Start(program, arguments, variables, [null, null, null, theirs]), channel);
            if (start)
            {
                channel.Start();
            }

            return child;
        }
    }

    public async Task<NodeMessage> ReadAsync() =>
        await Channel.Messages.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit);

    public async Task<string> ReadTextAsync() => (await ReadAsync()).Body.GetRawText();

    public void Kill(int signal = 9)
    {
        if (!Exited.IsCompleted)
        {
            Assert.Equal(0, PosixSpawn.Kill(_id, signal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Exited.WaitAsync(Limit);
        await Channel.DisposeAsync();
    }
}
