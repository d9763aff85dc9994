using System.Net.Sockets;
using System.Runtime.InteropServices;
using Starling.Messaging.NodeIpc;
using Starling.Supervisor.Spawning;

namespace Starling.Worker.Tests.Processes;

/// <summary>The test application, started as a supervisor starts it.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly string _log;
    private readonly NotifySocket _notify;

    private WorkerProcess(ChildProcess process, NotifySocket notify, NodeChannel channel, string log)
    {
        _process = process;
        _notify = notify;
        _log = log;
        Channel = channel;
        Exited = EndAsync(process);
    }

    public int Id => _process.Id;

    public NodeChannel Channel { get; }

    /// <summary>Its exit code, or 128 and its signal.</summary>
    public Task<int> Exited { get; }

    public string Log => File.ReadAllText(_log);

    public static string Program => Path.Combine(AppContext.BaseDirectory, "Starling.Worker.TestApp.dll");

    public static WorkerProcess Start(Socket[] sockets, params string[] arguments)
    {
        var log = Path.Combine(Path.GetTempPath(), $"starling-{Guid.NewGuid():N}.log");
        var notify = new NotifySocket();
        var (channel, theirs) = NodeChannel.CreatePair();
        using (theirs)
        {
            var descriptors = sockets.Select(static socket => (SafeHandle)socket.SafeHandle).Append(theirs);

            // The program takes env's place, with the variables that it adds.
            var process = ProcessSpawner.Spawn(new SpawnOptions
            {
                FileName = "env",
                Arguments =
                [
                    $"STARLING_FDS={string.Join(',', sockets.Select(static (_, index) => 3 + index))}", $"NOTIFY_SOCKET={notify.Path}",
                    $"NODE_CHANNEL_FD={3 + sockets.Length}", "NODE_CHANNEL_SERIALIZATION_MODE=json", "dotnet", Program, .. arguments,
                ],
                Output = StandardStream.File(log),
                Error = StandardStream.File(log),
                Descriptors = descriptors.Select(static (handle, index) => (handle, index)).ToDictionary(static pair => 3 + pair.index, static pair => pair.handle),
            });
            channel.Start();
            return new WorkerProcess(process, notify, channel, log);
        }
    }

    public static async Task<WorkerProcess> StartReadyAsync(Socket[] sockets, params string[] arguments)
    {
        var worker = Start(sockets, arguments);
        try
        {
            await worker.NotifiedAsync("READY=1");
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the worker has notified a line that begins like this, and returns it.</summary>
    public async Task<string> NotifiedAsync(string beginning)
    {
        try
        {
            return await _notify.WaitAsync(beginning).WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The worker did not say {beginning}. Its log:\n{Log}");
        }
    }

    public bool HasNotified(string beginning) => _notify.WaitAsync(beginning).IsCompleted;

    public async Task<NodeMessage> ReadAsync() => await Channel.Messages.ReadAsync().AsTask().WaitAsync(Limit);

    public void Signal(int signal) => Assert.True(_process.Signal(signal), $"There is no process {Id} any more.");

    /// <summary>Sends SIGTERM, waits for the end, and returns what was said of the drain.</summary>
    public async Task<string> StopAsync()
    {
        Signal(15);
        var code = await Exited.WaitAsync(Limit);
        Assert.True(code == 0, $"The worker ended with {code}. Its log:\n{Log}");
        return await NotifiedAsync("X_STARLING_DRAIN=");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Signal(9);
        await Exited.WaitAsync(Limit);
        await Channel.DisposeAsync();
        _notify.Dispose();
        _process.Dispose();
        File.Delete(_log);
    }

    private static async Task<int> EndAsync(ChildProcess process) => (await process.Exited).ShellCode;
}
