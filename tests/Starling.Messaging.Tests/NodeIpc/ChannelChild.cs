using System.Runtime.InteropServices;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Spawning;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>A child process with a channel to this one.</summary>
internal sealed class ChannelChild : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private ChannelChild(ChildProcess process, NodeChannel channel)
    {
        _process = process;
        Channel = channel;
        Exited = EndAsync(process);
    }

    public NodeChannel Channel { get; }

    /// <summary>Its exit code, or 128 and its signal.</summary>
    public Task<int> Exited { get; }

    /// <summary>Runs a script of Node.js. Call <see cref="NodeChannel.Start"/> of the channel unless <paramref name="start"/> is set.</summary>
    public static ChannelChild StartNode(string script, bool start = true, params (string Name, string Value)[] environment) =>
        Start("node", ["-e", script], start, environment);

    public static ChannelChild Start(string program, string[] arguments, bool start, params (string Name, string Value)[] environment)
    {
        var (channel, theirs) = NodeChannel.CreatePair();
        using (theirs)
        {
            // The program takes env's place, with the variables that it adds.
            var process = ProcessSpawner.Spawn(new SpawnOptions
            {
                FileName = "env",
                Arguments = ["NODE_CHANNEL_FD=3", "NODE_CHANNEL_SERIALIZATION_MODE=json", .. environment.Select(static pair => $"{pair.Name}={pair.Value}"), program, .. arguments],
                Descriptors = new Dictionary<int, SafeHandle> { [3] = theirs },
            });
            var child = new ChannelChild(process, channel);
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

    public void Kill(int signal = 9) => Assert.True(_process.Signal(signal), "The child has ended already.");

    public async ValueTask DisposeAsync()
    {
        _process.Signal(9);
        await Exited.WaitAsync(Limit);
        await Channel.DisposeAsync();
        _process.Dispose();
    }

    private static async Task<int> EndAsync(ChildProcess process) => (await process.Exited).ShellCode;
}
